using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Corpus;

/// <summary>
/// Journals beside the tests, one entry a line: <c>{"c":customer,"t":type,"at":ms,"p":payload}</c>. Partition 0, offsets by line,
/// recorded a second after the newest time so far.
/// </summary>
internal static class CorpusFiles
{
    public static string[] All() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus"), "*.ndjson").Order(StringComparer.Ordinal)];

    public static string Name(string file) => Path.GetFileNameWithoutExtension(file);

    /// <summary>SHA-256 over every customer's snapshot, meaning, profile and outcomes after each entry, in journal order.</summary>
    public static string Digest(string file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var states = new SortedDictionary<string, CustomerState>(StringComparer.Ordinal);
        var program = ProgramDocument.Default;
        var output = new FoldOutput();
        foreach (var entry in Entries(file))
        {
            if (entry.Type == EntryTypes.ProgramPublished)
                program = ProgramPublication.Parse(entry.Payload).Document;
            if (entry.Customer.Length > 0 && !states.ContainsKey(entry.Customer))
                states.Add(entry.Customer, CustomerState.Create(entry.Customer));
            foreach (var state in entry.Customer.Length > 0 ? [states[entry.Customer]] : states.Values.ToArray())
            {
                output.Clear();
                CustomerFold.Apply(state, entry, program, output);
                foreach (var outgoing in output.Outgoing)
                    hash.AppendData(outgoing.Alert);
                foreach (var note in output.Notes)
                    hash.AppendData(Encoding.UTF8.GetBytes(note.Text));
                hash.AppendData(output.Command?.Body ?? []);
            }
        }

        foreach (var state in states.Values)
        {
            hash.AppendData(SnapshotCodec.Encode(state));
            hash.AppendData(BusinessDigest.Describe(state, program));
            hash.AppendData(ProfileRenderer.Render(state, program, state.NewestMs + 864_000_000));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static IEnumerable<Entry> Entries(string file)
    {
        long offset = 0;
        var recordedMs = long.MinValue;
        foreach (var line in File.ReadLines(file))
        {
            using var parsed = JsonDocument.Parse(line);
            var root = parsed.RootElement;
            var timeMs = root.GetProperty("at").GetInt64();
            recordedMs = Math.Max(recordedMs, timeMs + 1_000);
            var id = new byte[16];
            BitConverter.TryWriteBytes(id, offset);
            yield return new Entry(
                0,
                offset++,
                root.GetProperty("c").GetString()!,
                new Guid(id),
                root.GetProperty("t").GetString()!,
                timeMs,
                recordedMs,
                Encoding.UTF8.GetBytes(root.GetProperty("p").GetRawText()));
        }
    }
}
