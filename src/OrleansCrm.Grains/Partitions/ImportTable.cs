using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

/// <summary>Which imports run, by <see cref="ImportName"/>: an import starts, renews its lease and ends in the journal, so that a restart knows.</summary>
internal sealed class ImportTable
{
    private readonly Dictionary<string, Import> _imports = new(StringComparer.Ordinal);

    public void Add(Entry entry)
    {
        if (entry.Type is not (EntryTypes.ImportStarted or EntryTypes.ImportRenewed or EntryTypes.ImportEnded))
            return;
        var name = NameOf(entry.Payload);
        if (!_imports.TryGetValue(name, out var import))
            _imports.Add(name, import = new Import());
        if (entry.Type == EntryTypes.ImportStarted && import.Payload.Length == 0)
            import.Payload = entry.Payload;
        import.RenewedMs = entry.RecordedMs;
        import.IsRunning = entry.Type != EntryTypes.ImportEnded;
    }

    public bool IsRunning(string name) => name.Length > 0 && _imports.TryGetValue(name, out var import) && import.IsRunning;

    public string[] Running() => [.. _imports.Where(i => i.Value.IsRunning).Select(i => i.Key)];

    public ImportStatus StatusOf(string name) =>
        _imports.TryGetValue(name, out var import) ? new ImportStatus(true, import.IsRunning, import.Payload) : new ImportStatus(false, false, []);

    /// <summary>Imports that nobody has renewed since <paramref name="beforeMs"/>.</summary>
    public string[] Expired(long beforeMs) =>
        [.. _imports.Where(i => i.Value.IsRunning && i.Value.RenewedMs < beforeMs).Select(i => i.Key).Order(StringComparer.Ordinal)];

    /// <summary>The name in a payload with its tenant; one that has neither names an import of nobody.</summary>
    private static string NameOf(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return ImportName.Of(TextOf(document.RootElement, "tenant"), TextOf(document.RootElement, "import"));
        }
        catch (JsonException)
        {
            // It is durable already: a partition that refused it could never be loaded again.
            return ImportName.Of("", "");
        }
    }

    private static string TextOf(JsonElement payload, string field) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(field, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "";

    private sealed class Import
    {
        /// <summary>Of the first start; empty while only renewals are known.</summary>
        public byte[] Payload { get; set; } = [];

        public bool IsRunning { get; set; }

        public long RenewedMs { get; set; }
    }
}
