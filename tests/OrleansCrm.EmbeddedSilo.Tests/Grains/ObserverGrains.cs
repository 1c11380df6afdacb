using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Utilities;

namespace OrleansCrm.EmbeddedSilo.Tests.Grains;

public interface INewsObserver : IGrainObserver
{
    Task OnNewsAsync(string news);

    [OneWay]
    Task OnRumourAsync(string rumour);
}

public interface INewsGrain : IGrainWithStringKey
{
    Task SubscribeAsync(INewsObserver observer);

    Task UnsubscribeAsync(INewsObserver observer);

    Task PublishAsync(string news);

    Task SpreadAsync(string rumour);

    Task<int> GetObserversAsync();

    /// <summary>Lets time pass for the expiry of observers.</summary>
    Task AdvanceAsync(TimeSpan time);
}

internal sealed class NewsGrain : Grain, INewsGrain
{
    private readonly ObserverManager<INewsObserver> _observers = new(TimeSpan.FromSeconds(10), NullLogger.Instance);
    private DateTime _now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public NewsGrain() => _observers.GetDateTime = () => _now;

    public Task SubscribeAsync(INewsObserver observer)
    {
        _observers.Subscribe(observer, observer);
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(INewsObserver observer)
    {
        _observers.Unsubscribe(observer);
        return Task.CompletedTask;
    }

    public Task PublishAsync(string news) => _observers.Notify(observer => observer.OnNewsAsync(news));

    public Task SpreadAsync(string rumour) => _observers.Notify(observer => observer.OnRumourAsync(rumour));

    public Task<int> GetObserversAsync() => Task.FromResult(_observers.Count);

    public Task AdvanceAsync(TimeSpan time)
    {
        _now += time;
        return Task.CompletedTask;
    }
}

/// <summary>Writes down what it hears.</summary>
internal sealed class NewsReader(Probe probe, string name) : INewsObserver
{
    public Task OnNewsAsync(string news)
    {
        probe.Log.Enqueue($"{name} heard {news}");
        return news == "bad" ? throw new InvalidOperationException("too much") : Task.CompletedTask;
    }

    public Task OnRumourAsync(string rumour)
    {
        probe.Set($"{name} heard of {rumour}");
        return Task.CompletedTask;
    }
}
