using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Formats;

/// <summary>A traced entry's span as it is stored: 16 bytes of trace, 8 of span; that it is sampled goes without saying.</summary>
internal static class StoredTrace
{
    public const int Bytes = 24;

    public const byte None = 0;
    public const byte New = 1;
    public const byte AsBefore = 2;

    // "00-", 32 digits, "-", 16 digits, "-01"
    private const int TraceAt = 3;
    private const int TraceDigits = 32;
    private const int SpanAt = TraceAt + TraceDigits + 1;
    private const int SpanDigits = 16;

    public static bool IsAmong(ReadOnlySpan<Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Trace is not null)
                return true;
        }

        return false;
    }

    /// <exception cref="ArgumentException">The text is no <c>traceparent</c>.</exception>
    public static void Write(string trace, Span<byte> target)
    {
        if (trace.Length < SpanAt + SpanDigits
            || Convert.FromHexString(trace.AsSpan(TraceAt, TraceDigits), target, out _, out _) != System.Buffers.OperationStatus.Done
            || Convert.FromHexString(trace.AsSpan(SpanAt, SpanDigits), target[(TraceDigits / 2)..], out _, out _) != System.Buffers.OperationStatus.Done)
            throw new ArgumentException("An entry's trace is no traceparent.", nameof(trace));
    }

    public static string Read(ReadOnlySpan<byte> source) =>
        $"00-{Convert.ToHexStringLower(source[..(TraceDigits / 2)])}-{Convert.ToHexStringLower(source[(TraceDigits / 2)..])}-01";
}
