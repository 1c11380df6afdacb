using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Keeps copies of states until the process ends.</summary>
internal sealed class MemoryStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), (object? Value, long Version)> _records = new();
    private long _version;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var record))
            Set(grainState, (T)DeepCopier.Lenient.Copy(record.Value)!, TagOf(record.Version), exists: true);
        else
            Set(grainState, StateBridge<T>.NewState(), null, exists: false);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        var next = (DeepCopier.Lenient.Copy(grainState.State), Interlocked.Increment(ref _version));
        var written = _records.TryGetValue(key, out var stored)
            ? TagOf(stored.Version) == grainState.ETag && _records.TryUpdate(key, next, stored)
            : grainState.ETag is null && _records.TryAdd(key, next);
        if (!written)
            return Task.FromException(Conflict(key, grainState.ETag));

        grainState.ETag = TagOf(next.Item2);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        if (_records.TryGetValue(key, out var stored) &&
            (TagOf(stored.Version) != grainState.ETag || !_records.TryRemove(new(key, stored))))
        {
            return Task.FromException(Conflict(key, grainState.ETag));
        }

        Set(grainState, StateBridge<T>.NewState(), null, exists: false);
        return Task.CompletedTask;
    }

    private static void Set<T>(IGrainState<T> grainState, T state, string? tag, bool exists)
    {
        grainState.State = state;
        grainState.ETag = tag;
        grainState.RecordExists = exists;
    }

    private static string TagOf(long version) => version.ToString(CultureInfo.InvariantCulture);

    private InconsistentStateException Conflict((string State, GrainId Grain) key, string? held) => new(
        $"State {key.State} of {key.Grain.Type} was written by another.",
        _records.TryGetValue(key, out var record) ? TagOf(record.Version) : "",
        held ?? "");
}
