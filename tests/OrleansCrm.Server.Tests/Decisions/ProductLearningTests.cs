using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Decisions;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Decisions;

public sealed class ProductLearningTests
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task Server_that_stops_while_partitions_still_replay_logs_no_trouble()
    {
        var partition = Replaying.Of<IPartitionGrain>();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        using var learning = new ProductLearning(
            Replaying.Of<IGrainFactory>(partition),
            Replaying.Of<IJournal>(),
            new ProductFeed(),
            new DecisionBoard(),
            new ServerOptions(),
            TimeProvider.System,
            loggers.CreateLogger<ProductLearning>());

        await learning.StartAsync(CancellationToken.None);
        await ((Replaying)(object)partition).Asked.WaitAsync(TimeSpan.FromMinutes(2));
        await learning.StopAsync(CancellationToken.None);

        Assert.True(learning.ExecuteTask!.IsCompleted);
        Assert.Empty(_log.Lines);
    }

    /// <summary>A journal of one partition that never says it has replayed.</summary>
    public class Replaying : DispatchProxy
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private object? _grain;

        public Task Asked => _asked.Task;

        public static T Of<T>(object? grain = null)
        {
            var proxy = Create<T, Replaying>();
            ((Replaying)(object)proxy!)._grain = grain;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? method, object?[]? args)
        {
            switch (method!.Name)
            {
                case nameof(IGrainFactory.GetGrain):
                    return _grain;
                case "get_" + nameof(IJournal.Identity):
                    return new JournalIdentity(1, 1, Guid.Empty);
                case nameof(IPartitionGrain.TouchAsync):
                    _asked.TrySetResult();
                    return Task.FromResult(new PartitionStatus(false, 0, 0, 0, 0, 0, 0, false, 0, 0, 0, 0, false));
                default:
                    throw new NotSupportedException(method.Name);
            }
        }
    }
}
