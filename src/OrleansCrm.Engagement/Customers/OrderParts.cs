namespace OrleansCrm.Engagement.Customers;

/// <summary>What an order in a snapshot is, and which of its parts follow. Numbers are stored.</summary>
[Flags]
internal enum OrderParts
{
    Placed = 1,
    Cancelled = 2,
    RefundedWhole = 4,

    /// <summary>When its value was changed, what was refunded, when its lines were changed; else all zero.</summary>
    Changes = 8,
    Lines = 16,
    Returned = 32,

    /// <summary>Currency, rate and terms are those of the order before and do not follow.</summary>
    CurrencyOfBefore = 64,

    /// <summary>Came under terms of its own; where currency and rate are those of the order before, so are they.</summary>
    Terms = 128,
    EarnLines = 256,
    ReturnedValues = 512,
}
