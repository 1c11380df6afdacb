namespace OrleansCrm.Engagement.Signals;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum MarkKind : byte
{
    Refund = 1,
    PaymentFailed = 2,
    TicketOpened = 3,
    TicketClosed = 4,

    /// <summary>An answer that may be a bad one; the answer itself stands with the feedback.</summary>
    Answer = 5,
}

/// <param name="Key">Of the refund, ticket or survey, else of the message: of one key one counts.</param>
/// <param name="Place">The entry, as <see cref="Identity.EntryPlace"/> has it.</param>
internal readonly record struct SignalMark(MarkKind Kind, ulong Key, long TimeMs, long Place) : IComparable<SignalMark>
{
    public int CompareTo(SignalMark other) =>
        TimeMs != other.TimeMs ? TimeMs.CompareTo(other.TimeMs) : Kind != other.Kind ? Kind.CompareTo(other.Kind) : Key.CompareTo(other.Key);
}
