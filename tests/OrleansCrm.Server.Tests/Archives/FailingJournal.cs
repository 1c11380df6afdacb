using System.Reflection;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Tests.Archives;

/// <summary>A journal on a disk that is full after some writes.</summary>
public class FailingJournal : DispatchProxy
{
    private static readonly string[] Writes = [nameof(IJournal.AppendAsync), nameof(IJournal.ArchiveAsync)];

    private IJournal? _journal;
    private int _left;

    public static IJournal After(IJournal journal, int writes)
    {
        var failing = Create<IJournal, FailingJournal>();
        ((FailingJournal)(object)failing)._journal = journal;
        ((FailingJournal)(object)failing)._left = writes;
        return failing;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? arguments) => Writes.Contains(method!.Name) && _left-- <= 0
        ? Task.FromException(new JournalFullException("The disk is full."))
        : method.Invoke(_journal, arguments);
}
