namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Placed orders by time and key. Those that have been stored wait packed, those that have come since are objects: few are ever asked for
/// again, and as objects a customer's orders would be most of what there is of the customer in memory.
/// </summary>
/// <remarks>
/// A new order joins without unpacking the others, <see cref="Find"/> looks through their keys, and <see cref="Read"/> lends one after the
/// other. Whoever asks for a packed one by its place, or for all to keep them, has all unpacked until <see cref="Pack"/>.
/// </remarks>
internal sealed class OrderHistory
{
    [ThreadStatic]
    private static PackedWriter? _writer;

    /// <summary>Some hundred orders; more are not copied for every new one.</summary>
    private const int PackNewMax = 4_096;

    private byte[]? _packed;

    // Of the packed one that comes last, to know that an order comes after it.
    private long _packedMs;
    private ulong _packedKey;
    private List<Order>? _newest;

    /// <param name="orders">By time and key.</param>
    public static OrderHistory? Packed(List<Order> orders)
    {
        if (orders.Count == 0)
            return null;
        var history = new OrderHistory { _newest = orders };
        history.Pack();
        return history;
    }

    /// <summary>How many of the oldest wait packed.</summary>
    public int PackedCount { get; private set; }

    public int Count => PackedCount + (_newest?.Count ?? 0);

    public Order this[int index]
    {
        get
        {
            if (index < PackedCount)
                Unpack();
            return _newest![index - PackedCount];
        }
    }

    public List<Order>.Enumerator GetEnumerator()
    {
        Unpack();
        return (_newest ??= []).GetEnumerator();
    }

    /// <summary>All of them, to be read and neither kept nor changed: none is unpacked.</summary>
    public OrderReader Read() => new(_packed, _newest);

    /// <summary>Null when there is none of this key.</summary>
    public Order? Find(ulong key)
    {
        // Whatever comes about an order mostly comes soon after it.
        if (FindNewest(key) is { } known)
            return known;
        var packed = new PackedReader(_packed);
        while (!packed.IsAtEnd)
        {
            if (PackedOrder.ReadKey(ref packed) != key)
                continue;
            Unpack();
            return FindNewest(key);
        }

        return null;
    }

    /// <summary>Puts an order where its time says.</summary>
    public void Add(Order order)
    {
        if (PackedCount > 0 && IsBefore(order, _packedMs, _packedKey))
            Unpack();
        _newest ??= new List<Order>(1);
        var index = _newest.Count;
        while (index > 0 && IsBefore(order, _newest[index - 1].PlacedMs, _newest[index - 1].Key))
            index--;
        _newest.Insert(index, order);
    }

    public void Remove(Order order) => _newest!.Remove(order);

    public void RemoveAt(int index)
    {
        if (index < PackedCount)
            Unpack();
        _newest!.RemoveAt(index - PackedCount);
    }

    /// <param name="keys">Gets as many as it has room for, the oldest of them first.</param>
    /// <returns>How many there are.</returns>
    public int NewestKeys(Span<ulong> keys)
    {
        var (count, skip) = (0, Math.Max(0, Count - keys.Length));
        var packed = new PackedReader(_packed);
        while (!packed.IsAtEnd)
        {
            var key = PackedOrder.ReadKey(ref packed);
            if (skip-- <= 0)
                keys[count++] = key;
        }

        for (var i = Math.Max(0, skip); i < (_newest?.Count ?? 0); i++)
            keys[count++] = _newest![i].Key;
        return count;
    }

    /// <summary>Lets the objects go.</summary>
    public void Pack()
    {
        if (_newest is not { Count: > 0 } newest)
        {
            _newest = null;
            return;
        }

        var writer = _writer ??= new PackedWriter();
        writer.Clear();
        writer.Write(_packed);
        var before = NewestPacked();
        foreach (var order in newest)
        {
            PackedOrder.Write(writer, order, before);
            before = order;
        }

        (_packed, PackedCount, _packedMs, _packedKey, _newest) = (writer.Written.ToArray(), Count, before!.PlacedMs, before.Key, null);
    }

    /// <summary>Lets the objects go of orders that have joined packed ones. What had to be unpacked may be asked for again before it is stored.</summary>
    public void PackNew()
    {
        if (PackedCount > 0 ? _packed!.Length <= PackNewMax : Count == 1)
            Pack();
    }

    private Order? NewestPacked()
    {
        var reader = new OrderReader(_packed, []);
        Order? last = null;
        while (reader.MoveNext())
            last = reader.Current;
        return last;
    }

    private void Unpack()
    {
        if (PackedCount == 0)
            return;
        var orders = new List<Order>(Count + 1);
        var packed = new PackedReader(_packed);
        while (!packed.IsAtEnd)
        {
            var order = new Order();
            PackedOrder.Read(ref packed, order, orders.Count > 0 ? orders[^1] : null);
            orders.Add(order);
        }

        orders.AddRange(_newest ?? []);
        (_packed, PackedCount, _newest) = (null, 0, orders);
    }

    private Order? FindNewest(ulong key)
    {
        for (var i = (_newest?.Count ?? 0) - 1; i >= 0; i--)
        {
            if (_newest![i].Key == key)
                return _newest[i];
        }

        return null;
    }

    private static bool IsBefore(Order order, long placedMs, ulong key) =>
        order.PlacedMs < placedMs || (order.PlacedMs == placedMs && order.Key < key);
}
