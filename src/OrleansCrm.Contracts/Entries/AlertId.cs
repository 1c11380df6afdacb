using System.Globalization;

namespace OrleansCrm.Contracts.Entries;

/// <summary>Names an alert by the entry that raised it; written <c>partition-offset-index</c>, so it leads to its customer.</summary>
/// <param name="Index">Counts the alerts raised by one entry from zero.</param>
public readonly record struct AlertId(int Partition, long Offset, int Index)
{
    public static bool TryParse(string? text, out AlertId id)
    {
        id = default;
        var dash = text?.LastIndexOf('-') ?? -1;
        if (dash <= 0
            || !EntryId.TryParse(text![..dash], out var entry)
            || !int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return false;
        id = new AlertId(entry.Partition, entry.Offset, index);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Offset}-{Index}");
}
