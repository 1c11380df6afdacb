namespace OrleansCrm.Journal.Formats;

/// <summary>Places of a list of offsets by rising offset, without those that no entry can have.</summary>
internal static class OffsetOrder
{
    public static int[] Of(long[] offsets, long head)
    {
        var order = new int[offsets.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort((long[])offsets.Clone(), order);
        var from = Array.FindIndex(order, i => offsets[i] >= 0);
        var to = Array.FindLastIndex(order, i => offsets[i] < head);
        return from >= 0 && from <= to ? order[from..(to + 1)] : [];
    }
}
