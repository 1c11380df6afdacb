using Orleans.Runtime;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Grains.Partitions;

public sealed partial class PartitionGrain
{
    private static readonly TimeSpan DeskRetryMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DeskRetryMax = TimeSpan.FromSeconds(2);

    private readonly Queue<Outgoing> _outgoing = new();
    private readonly WorkSignal _deliverable = new();

    /// <summary>Position of the newest outcome that has reached its desk.</summary>
    private (long Offset, int Index) _delivered = (-1, -1);

    /// <summary>Position of the newest outcome that stands in the outbox table.</summary>
    private (long Offset, int Index) _stored = (-1, -1);

    private void Send(IEnumerable<Outgoing> outcomes)
    {
        // A desk takes a partition's outcomes in order and ignores what is not newer: order is what makes it exact.
        foreach (var outcome in outcomes.OrderBy(o => o.Offset).ThenBy(o => o.Index))
            _outgoing.Enqueue(outcome);
        if (_outgoing.Count > 0)
            _deliverable.Signal();
    }

    private async Task DeliverAsync()
    {
        var retry = DeskRetryMin;
        while (!_stopping.IsCancellationRequested)
        {
            if (_outgoing.Count == 0)
            {
                await _deliverable.WaitAsync();
                continue;
            }

            var desk = _outgoing.Peek().Desk;
            var run = _outgoing.TakeWhile(o => o.Desk == desk).Take(options.OutcomesPerCallMax).ToArray();
            try
            {
                await GrainFactory.GetGrain<IDeskGrain>(desk).RecordAsync(_partition, run);
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException)
            {
                LogDeskUnreachable(_partition, desk, _outgoing.Count, exception.GetType().Name);
                await Task.Delay(retry, time);
                retry = retry * 2 < DeskRetryMax ? retry * 2 : DeskRetryMax;
                continue;
            }

            retry = DeskRetryMin;
            foreach (var outcome in run)
                _outgoing.Dequeue();
            _delivered = (run[^1].Offset, run[^1].Index);
        }
    }
}
