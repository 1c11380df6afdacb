namespace OrleansCrm.Engagement.Customers;

/// <summary>Goes through orders in their order. The packed ones are lent: each is another by the time that the next but one has been read.</summary>
internal ref struct OrderReader(ReadOnlySpan<byte> packed, List<Order>? newest)
{
    private PackedReader _packed = new(packed);
    private Order? _read;
    private Order? _readBefore;
    private int _next;

    public Order Current { get; private set; } = null!;

    public readonly OrderReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_packed.IsAtEnd)
        {
            var order = _readBefore ?? new Order();
            PackedOrder.Read(ref _packed, order, _read);
            (_readBefore, _read, Current) = (_read, order, order);
            return true;
        }

        if (_next >= (newest?.Count ?? 0))
            return false;
        Current = newest![_next++];
        return true;
    }
}
