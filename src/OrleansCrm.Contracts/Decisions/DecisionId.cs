using System.Globalization;

namespace OrleansCrm.Contracts.Decisions;

/// <summary>
/// Names a decision before its entry is journaled; written <c>partition-offset-nonce</c>. The entry stands at or soon behind the offset, so
/// it is found without an index, and the nonce, which nobody can guess, is also what the decision's chance is drawn from.
/// </summary>
/// <param name="Offset">The partition's head when it was decided.</param>
public readonly record struct DecisionId(int Partition, long Offset, ulong Nonce)
{
    private const string Source = "decision";

    /// <summary>Under which the entry is journaled.</summary>
    public Guid MessageId
    {
        get
        {
            Span<byte> scratch = stackalloc byte[128];
            return StableHash.Start(scratch).Add(Source).Add(ToString()).FinishGuid();
        }
    }

    public static bool TryParse(string? text, out DecisionId id)
    {
        id = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || !ulong.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var nonce))
            return false;
        id = new DecisionId(partition, offset, nonce);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Offset}-{Nonce:x16}");
}
