namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>One customer as its messages say, added up with the arithmetic of a primary school.</summary>
internal sealed class CustomerBook
{
    private readonly Dictionary<string, OrderBook> _orders = new(StringComparer.Ordinal);
    private readonly List<string> _placed = [];

    public int Events { get; set; }

    /// <summary>Failed payments, each of which may be answered with an offer, once.</summary>
    public int Failures { get; set; }

    public int Orders => _orders.Values.Count(o => o.Counts);

    /// <summary>A point for each whole unit of what was paid and kept.</summary>
    public long Points => _orders.Values.Where(o => o.Counts).Sum(o => (long)decimal.Floor(o.Kept));

    public decimal Revenue => _orders.Values.Where(o => o.Counts).Sum(o => o.Kept);

    public int OrdersKnown => _orders.Count;

    /// <summary>One of the last orders that were placed, or null.</summary>
    public string? RecentOrder(Random random) => _placed.Count == 0 ? null : _placed[^(1 + random.Next(Math.Min(_placed.Count, 10)))];

    public OrderBook Order(string id)
    {
        if (!_orders.TryGetValue(id, out var order))
            _orders.Add(id, order = new OrderBook());
        return order;
    }

    public void Place(string id, decimal value)
    {
        Order(id).Value = value;
        Order(id).IsPlaced = true;
        _placed.Add(id);
    }
}

internal sealed class OrderBook
{
    public decimal Value { get; set; }

    public bool IsPlaced { get; set; }

    public bool IsCancelled { get; set; }

    public Dictionary<string, decimal> Refunds { get; } = new(StringComparer.Ordinal);

    public bool Counts => IsPlaced && !IsCancelled;

    public decimal Kept => Math.Max(0, Value - Refunds.Values.Sum());
}
