namespace OrleansCrm.Journal.Quarantine;

/// <summary>
/// What senders sent and was refused for good, kept with the reason until somebody has looked. Bounded per tenant: the oldest rows make
/// room and are counted. Durable when a task completes; any process may write at any time.
/// </summary>
public interface IQuarantineStore
{
    /// <summary>
    /// Keeps rows, all in one transaction. One whose tenant and digest are there already only counts once more. Then, of each tenant that
    /// has more than the bounds allow, the oldest go; those that nobody has replayed count as dropped. Of customers who were erased, or are
    /// being erased, nothing is kept.
    /// </summary>
    /// <param name="rows">Their ids are not looked at: each new row gets the next one.</param>
    /// <param name="drops">Items that could not even be brought here, to be counted with the dropped ones.</param>
    Task AddAsync(QuarantineRow[] rows, QuarantineDrop[] drops, QuarantineBounds bounds, CancellationToken cancellation);

    /// <summary>Newest first. A page ends early when its items have more bytes than asked for, but never before its first row.</summary>
    Task<QuarantineRow[]> ReadAsync(QuarantineQuery query, CancellationToken cancellation);

    /// <summary>Rows with this code that no replay has brought in yet, oldest first, after <paramref name="afterId"/> (0 from the start).</summary>
    Task<QuarantineRow[]> ReadWaitingAsync(string tenant, string code, long afterId, int max, CancellationToken cancellation);

    Task<QuarantineRow?> FindAsync(string tenant, long id, CancellationToken cancellation);

    /// <summary>Notes what replays came to, in one transaction. Rows that are gone by now are passed over, and what was replayed once stays so.</summary>
    Task RecordReplaysAsync(string tenant, QuarantineReplay[] replays, CancellationToken cancellation);

    Task<QuarantineTally> ReadTallyAsync(string tenant, CancellationToken cancellation);

    /// <summary>Removes every row of these customers for good; they do not count as dropped.</summary>
    /// <param name="customers">Canonical customer keys of the tenant.</param>
    /// <returns>How many rows there were.</returns>
    Task<int> EraseAsync(string tenant, string[] customers, CancellationToken cancellation);
}

public enum QuarantineStatus
{
    Unknown = 0,

    /// <summary>As it came.</summary>
    Waiting = 1,

    /// <summary>Replayed and journaled, or found to be there already.</summary>
    Replayed = 2,

    /// <summary>Replayed and refused again.</summary>
    Failed = 3,
}

/// <param name="Id">Rises with time, not without gaps; 0 when it is to be written.</param>
/// <param name="Digest">The same item from the same source has the same digest.</param>
/// <param name="Customer">Canonical customer key; empty when the item does not tell one.</param>
/// <param name="Source">Within it a message id names one message.</param>
/// <param name="Call">Type that stood in the request's path; empty for an item that has to say its type itself.</param>
/// <param name="MessageId">Empty when it has none.</param>
/// <param name="Entry">Public id of the journaled entry that could not be folded; empty when nothing was journaled.</param>
/// <param name="Code">Why it was refused, for programs.</param>
/// <param name="Detail">Why, for people.</param>
/// <param name="SentMs">When the batch says it was sent, Unix milliseconds; 0 when it does not say.</param>
/// <param name="Length">Bytes of the item as it came.</param>
/// <param name="Raw">Its first bytes; all of it when there are <paramref name="Length"/>.</param>
public sealed record QuarantineRow(
    long Id,
    string Tenant,
    Guid Digest,
    string Customer,
    string Source,
    string Call,
    string MessageId,
    string Entry,
    string Code,
    string Detail,
    long ReceivedMs,
    long SentMs,
    int Length,
    byte[] Raw)
{
    /// <summary>How often it came.</summary>
    public int Times { get; init; } = 1;

    public QuarantineStatus Status { get; init; } = QuarantineStatus.Waiting;

    /// <summary>How often it was replayed.</summary>
    public int Replays { get; init; }

    /// <summary>When it was replayed last, Unix milliseconds; 0 for never.</summary>
    public long ReplayedMs { get; init; }

    /// <summary>What the last replay came to: <c>accepted</c>, <c>duplicate</c>, or why it was refused again; empty before the first.</summary>
    public string OutcomeCode { get; init; } = "";

    public string OutcomeDetail { get; init; } = "";

    public bool IsWhole => Raw.Length == Length;

    /// <summary>What it counts for against the bound in bytes: a row weighs something besides its item.</summary>
    internal int Weight => WeightOf(Raw.Length);

    internal static int WeightOf(int rawLength) => rawLength + 256;
}

/// <param name="RowsMax">Rows of one tenant, 1 or more.</param>
/// <param name="BytesMax">Bytes of one tenant's items with 256 more for each row.</param>
public sealed record QuarantineBounds(int RowsMax, long BytesMax);

/// <param name="Code">Empty: every code.</param>
/// <param name="BeforeId">Only rows with a smaller id; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Max">Rows of the page.</param>
/// <param name="BytesMax">Bytes of the page's items.</param>
/// <param name="Customer">Canonical key of the one customer whose rows are asked for, whatever their code; empty: everybody's.</param>
public sealed record QuarantineQuery(string Tenant, string Code, long BeforeId, int Max, int BytesMax, string Customer = "");

public sealed record QuarantineDrop(string Tenant, long Count);

public sealed record QuarantineReplay(long Id, QuarantineStatus Status, string Code, string Detail, long ReplayedMs);

/// <param name="Dropped">How many made room for others since the database was made.</param>
public sealed record QuarantineTally(int Rows, long Bytes, long Dropped);
