using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>Entries like those that ingest makes of the load generator's events, for one partition.</summary>
internal sealed class BenchEntries
{
    private const int Payloads = 1_000;

    private readonly int _partition;
    private readonly string[] _customers;
    private readonly byte[][] _payloads;
    private readonly SeededRandom _random;
    private readonly ulong _salt;
    private long _made;

    private BenchEntries(int partition, string[] customers, byte[][] payloads, ulong salt)
    {
        _partition = partition;
        _customers = customers;
        _payloads = payloads;
        _salt = salt;
        _random = SeededRandom.For(salt, (ulong)partition);
    }

    /// <param name="salt">Different for every use of one journal, so that no message id comes twice.</param>
    public static BenchEntries[] ForAll(int partitions, int customers, ulong salt)
    {
        var byPartition = CustomersOf(partitions, customers);
        return [.. byPartition.Select((c, partition) => new BenchEntries(partition, c, MakePayloads(partition, salt), salt))];
    }

    /// <summary>Keys of all customers by partition.</summary>
    public static string[][] CustomersOf(int partitions, int customers)
    {
        var byPartition = Enumerable.Range(0, partitions).Select(_ => new List<string>()).ToArray();
        for (var i = 0; i < customers; i++)
        {
            if (!CustomerKey.TryCreate(FirstRun.Tenant, CustomerKind.User, CustomerChoice.IdOf(i), out var key, out var error))
                throw new InvalidOperationException(error);
            byPartition[key.PartitionOf(partitions)].Add(key.ToString());
        }

        return [.. byPartition.Select(c => c.ToArray())];
    }

    /// <summary>The next entries, from this offset on.</summary>
    public Entry[] Next(long offset, int count, long nowMs)
    {
        var entries = new Entry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = new Entry(
                _partition, offset + i, _customers[_random.Below(_customers.Length)], NextId(), EntryTypes.Track, nowMs, nowMs,
                _payloads[_made++ % Payloads]);
        }

        return entries;
    }

    private Guid NextId()
    {
        Span<byte> id = stackalloc byte[16];
        BitConverter.TryWriteBytes(id, _random.Next());
        BitConverter.TryWriteBytes(id[8..], _random.Next() ^ _salt);
        return new Guid(id);
    }

    private static byte[][] MakePayloads(int partition, ulong salt)
    {
        var payloads = new byte[Payloads][];
        for (var i = 0; i < Payloads; i++)
        {
            var (json, places) = EventText.Of(i);
            EventText.WriteMessageId(json, places, ((long)salt << 32) | ((long)partition << 16) | (long)i);
            EventText.WriteCustomer(json, places, i);
            payloads[i] = json;
        }

        return payloads;
    }
}
