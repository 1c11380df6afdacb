using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansCrm.EmbeddedSilo.Tests.Grains;

namespace OrleansCrm.EmbeddedSilo.Tests;

/// <summary>A storage of numbers in which another writer can be first.</summary>
internal sealed class ConflictingStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, (int Number, int Version)> _records = new();

    /// <summary>Writes behind the back of all grains.</summary>
    internal void OverwriteAll(int number)
    {
        foreach (var (id, record) in _records)
            _records[id] = (number, record.Version + 1);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var exists = _records.TryGetValue(grainId, out var record);
        grainState.State = (T)(object)new CounterState { Number = record.Number };
        grainState.ETag = exists ? $"{record.Version}" : null;
        grainState.RecordExists = exists;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _records.TryGetValue(grainId, out var record);
        if (grainState.ETag is { } tag && tag != $"{record.Version}")
            throw new InconsistentStateException("another was first", $"{record.Version}", tag);
        _records[grainId] = (((CounterState)(object)grainState.State!).Number, record.Version + 1);
        grainState.ETag = $"{record.Version + 1}";
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _records.TryRemove(grainId, out _);
        return ReadStateAsync(stateName, grainId, grainState);
    }
}
