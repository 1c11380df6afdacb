using System.Reflection;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Tests.Archives;

/// <summary>A journal on a disk that is full after some writes, or beside one.</summary>
public class FailingJournal : DispatchProxy
{
    private static readonly string[] Writes = [nameof(IJournal.AppendAsync), nameof(IJournal.ArchiveAsync)];

    private IJournal? _journal;
    private Action? _takenOver;
    private int _left = int.MaxValue;

    public static IJournal After(IJournal journal, int writes)
    {
        var failing = Create<IJournal, FailingJournal>();
        ((FailingJournal)(object)failing)._journal = journal;
        ((FailingJournal)(object)failing)._left = writes;
        return failing;
    }

    /// <param name="takenOver">Done before a partition is taken over.</param>
    public static IJournal Watched(IJournal journal, Action takenOver)
    {
        var watched = Create<IJournal, FailingJournal>();
        ((FailingJournal)(object)watched)._journal = journal;
        ((FailingJournal)(object)watched)._takenOver = takenOver;
        return watched;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? arguments)
    {
        if (method!.Name == nameof(IJournal.TakeOverAsync))
            _takenOver?.Invoke();
        return Writes.Contains(method.Name) && _left-- <= 0
            ? Task.FromException(new JournalFullException("The disk is full."))
            : method.Invoke(_journal, arguments);
    }
}
