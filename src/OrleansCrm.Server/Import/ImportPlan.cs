using System.Text.Json;

namespace OrleansCrm.Server.Import;

/// <summary>
/// What is decided once for all runs of an import and kept in its first <c>import.started</c>. A rerun that decided anew would turn
/// the same file into other times or another currency.
/// </summary>
/// <param name="ShiftMs">Added to every time, milliseconds in whole seconds.</param>
internal sealed record ImportPlan(string Import, string Format, long ShiftMs, string TimeZone, string Currency)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public byte[] ToPayload() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="ImportException">The payload was not written by <see cref="ToPayload"/>.</exception>
    public static ImportPlan Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            if (JsonSerializer.Deserialize<ImportPlan>(payload, Json) is { Import: not null, TimeZone: not null, Currency: not null } plan)
                return plan;
        }
        catch (JsonException e)
        {
            throw new ImportException("what an earlier run of this import noted cannot be read", e);
        }

        throw new ImportException("what an earlier run of this import noted is incomplete");
    }

    /// <summary>The shift after which <paramref name="newestMs"/> lies at <paramref name="nowMs"/>, cut to whole seconds.</summary>
    public static long ShiftTo(long nowMs, long newestMs) => (nowMs - newestMs) / 1000 * 1000;
}
