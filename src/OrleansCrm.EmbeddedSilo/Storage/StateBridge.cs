using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>A stored state without its type.</summary>
internal interface IStateBridge
{
    Task ReadStateAsync();
}

/// <summary>Makes the stored states that grain constructors ask for.</summary>
internal static class StateBridge
{
    internal static Func<Activation, object> FactoryFor(
        Silo silo, Type grain, Type parameter, PersistentStateAttribute attribute)
    {
        if (!parameter.IsGenericType || parameter.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new ArgumentException($"{grain}: [PersistentState] belongs on a parameter of type IPersistentState<T>.", nameof(grain));

        var storage = silo.Services.GetKeyedService<IGrainStorage>(attribute.StorageName ?? StorageNames.Default)
            ?? throw new BadProviderConfigException(attribute.StorageName is { } name
                ? $"No storage provider named \"{name}\" found loading grain type {grain}."
                : $"No default storage provider found loading grain type {grain}.");
        var type = typeof(StateBridge<>).MakeGenericType(parameter.GetGenericArguments());
        return activation =>
        {
            var bridge = Activator.CreateInstance(type, activation.GrainId, storage, attribute.StateName)!;
            activation.AddState((IStateBridge)bridge);
            return bridge;
        };
    }
}

/// <summary>A grain's stored state: what it asks for happens one after the other.</summary>
internal sealed class StateBridge<TState>(GrainId grainId, IGrainStorage storage, string name)
    : IPersistentState<TState>, IStateBridge
{
    private readonly GrainState<TState> _state = new(NewState());
    private Task _last = Task.CompletedTask;
    private bool _isRead;

    public TState State
    {
        get => _state.State;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _isRead ? _state.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public Task ReadStateAsync(CancellationToken cancellationToken) => Enqueue("read", async () =>
    {
        await storage.ReadStateAsync(name, grainId, _state, cancellationToken);
        _isRead = true;
    });

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        Enqueue("write", () => storage.WriteStateAsync(name, grainId, _state, cancellationToken));

    public Task ClearStateAsync(CancellationToken cancellationToken) =>
        Enqueue("clear", () => storage.ClearStateAsync(name, grainId, _state, cancellationToken));

    internal static TState NewState() => typeof(TState).IsValueType || typeof(TState).GetConstructor([]) is null
        ? default!
        : Activator.CreateInstance<TState>();

    private Task Enqueue(string operation, Func<Task> action) => _last = RunAfterAsync(_last, operation, action);

    private async Task RunAfterAsync(Task before, string operation, Func<Task> action)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            await action();
        }
        catch (Exception exception) when (exception is not (OrleansException or OperationCanceledException))
        {
            throw new OrleansException($"Storage could not {operation} state {name} of {grainId.Type}: {exception.Message}", exception);
        }
    }
}
