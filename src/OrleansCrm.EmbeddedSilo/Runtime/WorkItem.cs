namespace OrleansCrm.EmbeddedSilo;

/// <summary>Something an activation does in one go. It is its own node in the mailbox, so that queueing allocates nothing.</summary>
internal abstract class WorkItem
{
    internal WorkItem? Next;

    internal abstract void Run(Activation activation);
}

/// <summary>A task on the activation's scheduler: mostly the rest of a method after an await.</summary>
internal sealed class TaskItem(Task task) : WorkItem
{
    internal override void Run(Activation activation) => activation.Execute(task);
}

/// <summary>An action of the runtime that needs the activation to itself.</summary>
internal sealed class ActionItem(Action<Activation> action) : WorkItem
{
    internal override void Run(Activation activation) => action(activation);
}
