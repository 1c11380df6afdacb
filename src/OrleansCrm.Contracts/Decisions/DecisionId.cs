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

    // Two numbers, sixteen digits, two hyphens.
    public const int LengthMax = 64;

    /// <summary>Under which the entry is journaled.</summary>
    public Guid MessageId
    {
        get
        {
            Span<byte> scratch = stackalloc byte[256];
            Span<char> text = stackalloc char[LengthMax];
            return StableHash.Start(scratch).Add(Source).Add(text[..Write(text)]).FinishGuid();
        }
    }

    public static bool TryParse(string? text, out DecisionId id)
    {
        id = default;
        Span<Range> parts = stackalloc Range[4];
        var said = text.AsSpan();
        if (said.Split(parts, '-') != 3
            || !int.TryParse(said[parts[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(said[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || !ulong.TryParse(said[parts[2]], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var nonce))
            return false;
        id = new DecisionId(partition, offset, nonce);
        return true;
    }

    public override string ToString()
    {
        Span<char> text = stackalloc char[LengthMax];
        return text[..Write(text)].ToString();
    }

    /// <param name="text">Of <see cref="LengthMax"/> characters.</param>
    /// <returns>How many were written.</returns>
    public int Write(Span<char> text)
    {
        text.TryWrite(CultureInfo.InvariantCulture, $"{Partition}-{Offset}-{Nonce:x16}", out var length);
        return length;
    }
}
