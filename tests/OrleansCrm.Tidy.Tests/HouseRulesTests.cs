using System.Text.RegularExpressions;

namespace OrleansCrm.Tidy.Tests;

/// <summary>House rules as ordinary tests: what a reviewer would otherwise have to look for.</summary>
public sealed partial class HouseRulesTests
{
    private const int LinesMax = 400;

    private static readonly string Root = FindRoot();

    private static readonly string[] Sources = [.. Files("src", "*.cs"), .. Files("tests", "*.cs")];

    [Fact]
    public void Only_the_journal_knows_SQL() =>
        Nothing(Sources.Where(f => In(f, "src") && !In(f, "src/OrleansCrm.Journal")), Sql());

    [Fact]
    public void Clocks_and_chance_come_in_from_outside() =>
        Nothing(Sources.Where(f => In(f, "src")), Clock());

    [Fact]
    public void Nothing_is_left_unfinished() =>
        Nothing(Sources.Where(f => !f.EndsWith(nameof(HouseRulesTests) + ".cs", StringComparison.Ordinal)), Unfinished());

    [Fact]
    public void Grains_do_not_leave_their_scheduler() =>
        Nothing(Sources.Where(f => In(f, "src/OrleansCrm.Grains")), LeavesScheduler());

    [Fact]
    public void No_exception_is_swallowed_in_silence() =>
        Nothing(Sources.Where(f => In(f, "src")), EmptyCatch());

    [Fact]
    public void Files_have_one_reason() =>
        Assert.Empty(Sources.Where(f => File.ReadLines(f).Count() > LinesMax).Select(Relative));

    [Fact]
    public void Lock_files_name_no_registry() =>
        Assert.Empty(Files("src", "package-lock.json").Concat(Files("tests", "package-lock.json"))
            .Where(f => File.ReadAllText(f).Contains("\"resolved\"", StringComparison.Ordinal)).Select(Relative));

    private static void Nothing(IEnumerable<string> files, Regex pattern) =>
        Assert.Empty(files.SelectMany(f => File.ReadLines(f).Select((line, i) => (Line: line, At: $"{Relative(f)}:{i + 1}")))
            .Where(l => pattern.IsMatch(l.Line)).Select(l => l.At));

    private static bool In(string file, string folder) => Relative(file).StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !Built().IsMatch(f));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansCrm.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root is not above the tests.");
        return folder;
    }

    [GeneratedRegex(@"[/\\](bin|obj|bin-orleans|obj-orleans|node_modules|dist)[/\\]")]
    private static partial Regex Built();

    [GeneratedRegex(@"\b(insert\s+into|select\s+[a-z_*, ]+\s+from|create\s+table|delete\s+from)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Sql();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bRandom\.Shared\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"ConfigureAwait\(false\)|Task\.Run\(|\.Wait\(\)|\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex LeavesScheduler();

    [GeneratedRegex(@"catch\s*(\([^)]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();
}
