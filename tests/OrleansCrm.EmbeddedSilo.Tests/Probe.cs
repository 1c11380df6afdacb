using System.Collections.Concurrent;

namespace OrleansCrm.EmbeddedSilo.Tests;

/// <summary>What test grains and tests say to each other outside the calls: a singleton of the silo, made by the test.</summary>
internal sealed class Probe : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

    internal ConcurrentQueue<string> Log { get; } = new();

    internal ConcurrentDictionary<string, int> Counts { get; } = new();

    internal bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;

    internal void Set(string signal) => SourceOf(signal).TrySetResult();

    internal bool IsSet(string signal) => SourceOf(signal).Task.IsCompleted;

    /// <summary>Waits for a signal; a test that waits in vain fails.</summary>
    internal Task Until(string signal) => SourceOf(signal).Task.WaitAsync(Patience);

    internal int Count(string name) => Counts.GetValueOrDefault(name);

    internal int Add(string name, int number = 1) => Counts.AddOrUpdate(name, number, (_, old) => old + number);

    /// <summary>Looks again and again until it holds; a test that waits in vain fails.</summary>
    internal static async Task Until(Func<bool> holds)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!holds())
        {
            Assert.True(Environment.TickCount64 < deadline, "What the test waits for did not happen.");
            await Task.Delay(10);
        }
    }

    private TaskCompletionSource SourceOf(string signal) =>
        _signals.GetOrAdd(signal, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
