using System.Runtime.InteropServices;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Tells a message that is surely new from one that may have been seen: a chain of Bloom filters at 12 bits an id and 8 probes, so that
/// about one new message in 300 has to be compared exactly. Never forgets in silence: when the oldest filter has to go,
/// <see cref="IsComplete"/> turns false and whoever asks must compare everything exactly.
/// </summary>
internal sealed class SeenMessages(int idsMax)
{
    private const int SegmentIds = 1 << 20;
    private const int BitsPerId = 12;
    private const int Probes = 8;
    private const int FirstSegmentIds = 1 << 12;

    private readonly List<Segment> _segments = [];

    /// <summary>Whether every id ever added is still remembered.</summary>
    public bool IsComplete { get; private set; } = true;

    public void Add(Guid id)
    {
        if (_segments.Count == 0 || _segments[^1].IsFull)
        {
            // Starts small, because most partitions of a young shop hold little; doubles up to the full size.
            var size = _segments.Count == 0 ? FirstSegmentIds : Math.Min(SegmentIds, _segments[^1].Capacity * 2);
            _segments.Add(new Segment(size));
            if (_segments.Sum(s => (long)s.Capacity) > idsMax && _segments.Count > 1)
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

    private sealed class Segment(int capacity)
    {
        private readonly ulong[] _words = new ulong[capacity * BitsPerId / 64];
        private int _count;

        public int Capacity => capacity;

        public bool IsFull => _count >= capacity;

        public void Add(Guid id)
        {
            var (a, b) = Halves(id);
            for (var i = 0; i < Probes; i++)
            {
                var bit = Bit(a + (ulong)i * b);
                _words[bit >> 6] |= 1UL << (int)(bit & 63);
            }

            _count++;
        }

        public bool MayContain(Guid id)
        {
            var (a, b) = Halves(id);
            for (var i = 0; i < Probes; i++)
            {
                var bit = Bit(a + (ulong)i * b);
                if ((_words[bit >> 6] & (1UL << (int)(bit & 63))) == 0)
                    return false;
            }

            return true;
        }

        private ulong Bit(ulong hash) => Math.BigMul(hash, (ulong)_words.Length * 64, out _);

        private static (ulong A, ulong B) Halves(Guid id)
        {
            // The id is a hash already: its halves serve as the two hash functions of double hashing.
            var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(ref id, 1));
            return (halves[0], halves[1] | 1);
        }
    }
}
