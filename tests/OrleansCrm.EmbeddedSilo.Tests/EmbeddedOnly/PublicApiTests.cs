using Orleans;

namespace OrleansCrm.EmbeddedSilo.Tests.EmbeddedOnly;

/// <summary>What compiles against the embedded silo must compile against Orleans. The extract holds the lines of Orleans
/// 10.4's own API for the types declared here; a public member that is not in it does not belong here.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Every_public_type_and_member_is_one_of_Orleans()
    {
        var orleans = ReadExtract();
        var strangers = new List<string>();
        foreach (var (header, members) in ApiList.Of(typeof(IGrain).Assembly, typeof(Grain).Assembly))
        {
            var (name, bases) = Split(header);
            if (!orleans.TryGetValue(name, out var known))
            {
                strangers.Add(header);
                continue;
            }

            strangers.AddRange(bases.Where(each => !known.Bases.Contains(each)).Select(each => $"{name} : {each}"));
            strangers.AddRange(members.Where(member => !known.Members.Contains(member)).Select(member => $"{name}: {member}"));
        }

        Assert.True(strangers.Count == 0, "Not in Orleans' public API:\n" + string.Join('\n', strangers));
    }

    [Fact]
    public void Extract_names_no_type_that_is_not_declared_here()
    {
        var declared = ApiList.Of(typeof(IGrain).Assembly, typeof(Grain).Assembly).Select(type => Split(type.Header).Name).ToHashSet();

        Assert.Subset(declared, ReadExtract().Keys.ToHashSet());
    }

    private static (string Name, string[] Bases) Split(string header)
    {
        var at = header.IndexOf(" : ", StringComparison.Ordinal);
        return at < 0 ? (header, []) : (header[..at], SplitTypes(header[(at + 3)..]));
    }

    // Commas within angle brackets belong to a type's name.
    private static string[] SplitTypes(string list)
    {
        var types = new List<string>();
        var (start, depth) = (0, 0);
        for (var i = 0; i < list.Length; i++)
        {
            depth += list[i] switch { '<' => 1, '>' => -1, _ => 0 };
            if (list[i] != ',' || depth != 0)
                continue;
            types.Add(list[start..i].Trim());
            start = i + 1;
        }

        types.Add(list[start..].Trim());
        return [.. types];
    }

    private static Dictionary<string, (HashSet<string> Bases, HashSet<string> Members)> ReadExtract()
    {
        var types = new Dictionary<string, (HashSet<string> Bases, HashSet<string> Members)>();
        var members = new HashSet<string>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "orleans-public-api-extract.txt")))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                members.Add(line[2..]);
                continue;
            }

            // The assembly at the end of a header is where the type lives in Orleans.
            var (name, bases) = Split(line[..line.LastIndexOf("  [", StringComparison.Ordinal)]);
            types.Add(name, ([.. bases], members = []));
        }

        return types;
    }
}
