using OrleansCrm.Server.Ingest.Limits;

namespace OrleansCrm.Server.Ingest;

/// <summary>The bounds of what senders may send.</summary>
internal sealed class IngestOptions
{
    /// <summary>Largest body after decompression, in bytes. Default 4 MiB: eight of the largest batches that SDKs send. Range 1 KiB to 64 MiB.</summary>
    public int BodyBytesMax { get; set; } = 4 << 20;

    /// <summary>
    /// Bytes of a body that is too large which are read all the same, so that its sender gets to see the answer; past it the connection is
    /// cut. Default 64 MiB. Range 0 to 1 GiB.
    /// </summary>
    public int DrainBytesMax { get; set; } = 64 << 20;

    /// <summary>
    /// Memory of all bodies that are being worked on, in bytes; more bodies are told to come back. Default 256 MiB. Range <see cref="BodyBytesMax"/>
    /// to 16 GiB.
    /// </summary>
    public long BodiesBytesMax { get; set; } = 256L << 20;

    /// <summary>Events of one batch. Default 2,500: what one commit takes in good time. Range 1 to 100,000.</summary>
    public int BatchEventsMax { get; set; } = 2_500;

    /// <summary>Largest event, in bytes. Default 32 KiB, as in Segment's own limits. Range 1 KiB to 1 MiB.</summary>
    public int EventBytesMax { get; set; } = 32 << 10;

    /// <summary>Refused items that an answer names; how many more there are is told as a number. Default 5,000. Range 100 to 100,000.</summary>
    public int RejectedShownMax { get; set; } = 5_000;

    public LimitOptions Limits { get; set; } = new();

    public string? FindFault() => this switch
    {
        { BodyBytesMax: < 1 << 10 or > 64 << 20 } => "Ingest:BodyBytesMax takes 1 KiB to 64 MiB",
        { DrainBytesMax: < 0 or > 1 << 30 } => "Ingest:DrainBytesMax takes 0 to 1 GiB",
        { BodiesBytesMax: var b } when b < BodyBytesMax || b > 16L << 30 => "Ingest:BodiesBytesMax takes BodyBytesMax to 16 GiB",
        { BatchEventsMax: < 1 or > 100_000 } => "Ingest:BatchEventsMax takes 1 to 100,000",
        { EventBytesMax: < 1 << 10 or > 1 << 20 } => "Ingest:EventBytesMax takes 1 KiB to 1 MiB",
        { RejectedShownMax: < 100 or > 100_000 } => "Ingest:RejectedShownMax takes 100 to 100,000",
        _ => Limits.FindFault(),
    };
}
