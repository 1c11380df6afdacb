namespace OrleansCrm.Journal.Formats;

/// <summary>A strand as it is stored.</summary>
internal readonly record struct EncodedStrand(string Customer, long LastOffset, byte[] Offsets, byte[] Messages, byte[] Outcomes)
{
    /// <exception cref="ArgumentException">It has no entries, not as many offsets as messages, or its offsets do not rise.</exception>
    public static EncodedStrand Of(StrandRow strand)
    {
        var offsets = strand.Offsets;
        if (offsets.Length == 0 || offsets.Length != strand.MessageIds.Length)
            throw new ArgumentException($"A strand has {offsets.Length} offsets and {strand.MessageIds.Length} messages.");
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] <= offsets[i - 1])
                throw new ArgumentException("The offsets of a strand must rise.");
        }

        return new EncodedStrand(
            strand.Customer, offsets[^1], StrandFormat.EncodeOffsets(offsets), StrandFormat.EncodeIds(strand.MessageIds), strand.Outcomes);
    }

    /// <exception cref="JournalCorruptException">What was stored is damaged.</exception>
    public static StrandRow Decode(
        int partition, long row, string customer, ReadOnlySpan<byte> offsets, ReadOnlySpan<byte> messages, ReadOnlySpan<byte> outcomes)
    {
        try
        {
            var ids = StrandFormat.DecodeIds(messages);
            return new StrandRow(row, customer, StrandFormat.DecodeOffsets(offsets, ids.Length), ids, outcomes.ToArray());
        }
        catch (FormatException error)
        {
            throw new JournalCorruptException($"Strand {row} of partition {partition} is damaged: {error.Message}", partition, -1, error);
        }
    }
}
