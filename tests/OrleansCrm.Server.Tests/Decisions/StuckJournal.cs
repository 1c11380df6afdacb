using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Tests.Decisions;

/// <summary>A journal whose appends and snapshots come when they are let through.</summary>
public class StuckJournal : DispatchProxy
{
    private readonly TaskCompletionSource _released = new();
    private IJournal _journal = null!;
    private volatile bool _isStuck;

    /// <summary>Puts it in the journal's place.</summary>
    internal static StuckJournal Wrap(IServiceCollection services)
    {
        var journal = (IJournal)services.Last(s => s.ServiceType == typeof(IJournal)).ImplementationInstance!;
        var proxy = Create<IJournal, StuckJournal>();
        var stuck = (StuckJournal)(object)proxy;
        stuck._journal = journal;
        services.AddSingleton(proxy);
        return stuck;
    }

    public void Stick() => _isStuck = true;

    public void Release()
    {
        _isStuck = false;
        _released.SetResult();
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IJournal.AppendAsync) when _isStuck => LateAsync(() => (Task)targetMethod.Invoke(_journal, args)!),
        nameof(IJournal.ReadSnapshotsAsync) when _isStuck => LateAsync(() => (Task<SnapshotRow?[]>)targetMethod.Invoke(_journal, args)!),
        _ => targetMethod.Invoke(_journal, args),
    };

    private async Task LateAsync(Func<Task> call)
    {
        await _released.Task;
        await call();
    }

    private async Task<T> LateAsync<T>(Func<Task<T>> call)
    {
        await _released.Task;
        return await call();
    }
}
