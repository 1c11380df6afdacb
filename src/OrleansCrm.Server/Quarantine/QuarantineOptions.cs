using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Server.Quarantine;

/// <summary>How much of what was refused is kept.</summary>
internal sealed class QuarantineOptions
{
    /// <summary>Items of one tenant. Default 10,000: more than anybody reads, and every mistake shows among fewer. Range 1 to 1,000,000.</summary>
    public int RowsMax { get; set; } = 10_000;

    /// <summary>Bytes of one tenant's items, 256 more counted for each. Default 64 MiB. Range 1 MiB to 64 GiB.</summary>
    public long BytesMax { get; set; } = 64L << 20;

    /// <summary>
    /// Bytes kept of one item; of a larger one the beginning, which shows what it was but cannot be replayed. Default 64 KiB: twice the
    /// largest event, so that a raised limit finds what it was raised for. Range 1 KiB to 4 MiB.
    /// </summary>
    public int ItemBytesMax { get; set; } = 64 << 10;

    /// <summary>
    /// Bytes of items on their way to the database; what comes on top is refused with its reason as ever, but not kept, and counted as
    /// dropped. One tenant gets half of it, several share. Default 16 MiB. Range 64 KiB to 1 GiB.
    /// </summary>
    public long WaitingBytesMax { get; set; } = 16L << 20;

    public QuarantineBounds Bounds => new(RowsMax, BytesMax);

    public string? FindFault() => this switch
    {
        { RowsMax: < 1 or > 1_000_000 } => "Quarantine:RowsMax takes 1 to 1,000,000",
        { BytesMax: < 1L << 20 or > 64L << 30 } => "Quarantine:BytesMax takes 1 MiB to 64 GiB",
        { ItemBytesMax: < 1 << 10 or > 4 << 20 } => "Quarantine:ItemBytesMax takes 1 KiB to 4 MiB",
        { WaitingBytesMax: < 64L << 10 or > 1L << 30 } => "Quarantine:WaitingBytesMax takes 64 KiB to 1 GiB",
        _ => null,
    };
}
