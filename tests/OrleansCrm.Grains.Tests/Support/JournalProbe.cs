using System.Collections.Concurrent;
using System.Reflection;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Support;

/// <summary>Counts what grains ask of the journal, can keep a partition's commits back, and can be full.</summary>
public class JournalProbe : DispatchProxy
{
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IJournal? _journal;
    private volatile int _heldPartition = -1;
    private volatile string[] _full = [];

    public static JournalProbe On(IJournal journal)
    {
        var probe = (JournalProbe)(object)Create<IJournal, JournalProbe>();
        probe._journal = journal;
        return probe;
    }

    public IJournal Journal => (IJournal)(object)this;

    public int Calls(string method) => _calls.GetValueOrDefault(method);

    /// <summary>These methods find no room from now on; none of them writes anything.</summary>
    public void Fill(params string[] methods) => _full = methods;

    public void Hold(int partition) => _heldPartition = partition;

    public void Release() => _held.TrySetResult();

    protected override object? Invoke(MethodInfo? method, object?[]? arguments)
    {
        _calls.AddOrUpdate(method!.Name, 1, (_, calls) => calls + 1);
        if (_full.Contains(method.Name))
            return Task.FromException(new JournalFullException("The disk is full."));
        return method.Name == nameof(IJournal.AppendAsync) && (int)arguments![0]! == _heldPartition
            ? AppendLaterAsync(method, arguments)
            : method.Invoke(_journal, arguments);
    }

    private async Task AppendLaterAsync(MethodInfo append, object?[] arguments)
    {
        await _held.Task;
        await (Task)append.Invoke(_journal, arguments)!;
    }
}
