using System.Runtime.InteropServices;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Tells a message that is surely new from one that may have been seen: a chain of Bloom filters at 16 bits an id and 7 probes. Every full
/// filter of the chain is wrong about one new message in 1,000, and each wrong answer costs a search through the customer's strands, so
/// the chain is short: a filter is four times the one before, which makes two bytes an id eight at most, while the last one fills. Never
/// forgets in silence: when the oldest filter has to go, <see cref="IsComplete"/> turns false and whoever asks must compare everything exactly.
/// </summary>
internal sealed class SeenMessages(int idsMax)
{
    private const int BitsPerId = 16;
    private const int Probes = 7;
    private const int FirstSegmentIds = 5 << 12;
    private const int SegmentIdsMin = 1 << 12;
    private const int SegmentIdsMax = 1 << 24;
    private const int Growth = 4;

    private readonly List<Segment> _segments = [];

    // Of few, the oldest one going must not take most of what is remembered along.
    private readonly int _segmentIdsMax = Math.Clamp(idsMax / 4, SegmentIdsMin, SegmentIdsMax);

    /// <summary>Whether every id ever added is still remembered.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Ids that there is room for at the moment, two bytes each.</summary>
    public long Capacity => _segments.Sum(s => (long)s.Capacity);

    public void Add(Guid id)
    {
        if (_segments.Count == 0 || _segments[^1].IsFull)
        {
            // Starts small, because most partitions of a young shop hold little.
            var size = Math.Min(_segmentIdsMax, _segments.Count == 0 ? FirstSegmentIds : _segments[^1].Capacity * Growth);
            _segments.Add(new Segment(size));
            while (Capacity > idsMax && _segments.Count > 1)
            {
                _segments.RemoveAt(0);
                IsComplete = false;
            }
        }

        _segments[^1].Add(id);
    }

    public bool MayContain(Guid id)
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            if (_segments[i].MayContain(id))
                return true;
        }

        return !IsComplete;
    }

    /// <summary>All bits of an id lie in one cache line: a look costs one miss, not one for each bit.</summary>
    private sealed class Segment(int capacity)
    {
        private const int WordsPerLine = 8;

        private readonly ulong[] _words = new ulong[capacity * BitsPerId / 64];
        private int _count;

        public int Capacity => capacity;

        public bool IsFull => _count >= capacity;

        public void Add(Guid id)
        {
            var (line, bits) = Place(id);
            for (var i = 0; i < Probes; i++, bits >>= 9)
                _words[line + (int)((bits >> 6) & 7)] |= 1UL << (int)(bits & 63);
            _count++;
        }

        public bool MayContain(Guid id)
        {
            var (line, bits) = Place(id);
            for (var i = 0; i < Probes; i++, bits >>= 9)
            {
                if ((_words[line + (int)((bits >> 6) & 7)] & (1UL << (int)(bits & 63))) == 0)
                    return false;
            }

            return true;
        }

        /// <summary>The id is a hash already: one half chooses the line, the other gives nine bits for each probe.</summary>
        private (int Line, ulong Bits) Place(Guid id)
        {
            var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(ref id, 1));
            var line = Math.BigMul(halves[0], (ulong)(_words.Length / WordsPerLine), out _);
            return ((int)line * WordsPerLine, halves[1]);
        }
    }
}
