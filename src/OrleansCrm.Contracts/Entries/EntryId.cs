using System.Globalization;

namespace OrleansCrm.Contracts.Entries;

/// <summary>Where an entry stands in the journal; written <c>partition-offset</c>.</summary>
public readonly record struct EntryId(int Partition, long Offset)
{
    public static bool TryParse(string? text, out EntryId id)
    {
        id = default;
        var dash = text?.IndexOf('-') ?? -1;
        if (dash <= 0
            || !int.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return false;
        id = new EntryId(partition, offset);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Offset}");
}
