using System.Collections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Utilities;

/// <summary>The observers of a grain, known by their references.</summary>
public class ObserverManager<TObserver>(TimeSpan expiration, ILogger log) : ObserverManager<IAddressable, TObserver>(expiration, log);

/// <summary>The observers of a grain. One that has not subscribed again within the expiration, or whose call fails, is
/// dropped. Used by one turn at a time; observers may come and go while a notification awaits.</summary>
public class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) : IEnumerable<TObserver>
    where TIdentity : notnull
{
    private readonly Dictionary<TIdentity, (TObserver Observer, DateTime Seen)> _observers = [];
    private readonly ILogger _log = log ?? throw new ArgumentNullException(nameof(log));

    /// <summary>The clock for expiry.</summary>
    public Func<DateTime> GetDateTime { get; set; } = static () => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>How long an observer stays without subscribing again.</summary>
    public TimeSpan ExpirationDuration { get; set; } = expiration;

    /// <summary>How many there are, expired ones included until they are dropped.</summary>
    public int Count => _observers.Count;

    /// <summary>A copy of them.</summary>
    public IReadOnlyDictionary<TIdentity, TObserver> Observers =>
        _observers.ToDictionary(static entry => entry.Key, static entry => entry.Value.Observer);

    /// <summary>Drops all.</summary>
    public void Clear() => _observers.Clear();

    /// <summary>Adds an observer or renews it.</summary>
    public void Subscribe(TIdentity id, TObserver observer)
    {
        _observers[id] = (observer, GetDateTime());
        _log.LogDebug("Observer {Id} subscribed; there are {Count}", id, _observers.Count);
    }

    /// <summary>Drops an observer.</summary>
    public void Unsubscribe(TIdentity id) => _observers.Remove(id);

    /// <summary>Calls the observers one after the other and waits for each.</summary>
    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Current(predicate))
        {
            try
            {
                await notification(observer);
            }
            catch (Exception exception)
            {
                Drop(id, exception);
            }
        }
    }

    /// <summary>Calls the observers one after the other.</summary>
    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Current(predicate))
        {
            try
            {
                notification(observer);
            }
            catch (Exception exception)
            {
                Drop(id, exception);
            }
        }
    }

    /// <summary>Drops those that have not renewed in time.</summary>
    public void ClearExpired()
    {
        var now = GetDateTime();
        foreach (var (id, entry) in _observers)
        {
            if (entry.Seen + ExpirationDuration < now)
                _observers.Remove(id);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<TObserver> GetEnumerator() => Observers.Values.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<KeyValuePair<TIdentity, TObserver>> Current(Func<TObserver, bool>? predicate)
    {
        ClearExpired();
        var current = new List<KeyValuePair<TIdentity, TObserver>>(_observers.Count);
        foreach (var (id, entry) in _observers)
        {
            if (predicate is null || predicate(entry.Observer))
                current.Add(new(id, entry.Observer));
        }

        return current;
    }

    private void Drop(TIdentity id, Exception exception)
    {
        _observers.Remove(id);
        _log.LogDebug(exception, "Observer {Id} failed and was dropped; there are {Count}", id, _observers.Count);
    }
}
