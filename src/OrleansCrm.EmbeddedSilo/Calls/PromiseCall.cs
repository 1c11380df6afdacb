using System.Runtime.CompilerServices;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>A call whose answer is a task. The builder makes that task without a completion source beside it.</summary>
internal abstract class PromiseCall<TResult> : Call
{
    private AsyncTaskMethodBuilder<TResult> _promise;

    /// <summary>The caller's task; asked for once, before the call is sent.</summary>
    internal Task<TResult> Promise => _promise.Task;

    protected sealed override void SetException(Exception exception) => _promise.SetException(exception);

    protected void EndWith(TResult result)
    {
        var target = Target;
        target.Ended(this, null);
        if (TryAnswer())
        {
            if (Reference.Silo.CopiesValues && !Method.OneWay)
                SetCopy(result);
            else
                _promise.SetResult(result);
        }

        target.Continue();
    }

    /// <summary>Goes on when the task has ended: on the scheduler of the activation that runs this.</summary>
    protected void EndAfter(Task running)
    {
        if (running.IsCompleted)
        {
            EndWithOutcomeOf(running);
            return;
        }

        Target.Suspended(this);
        running.GetAwaiter().UnsafeOnCompleted(() => EndWithOutcomeOf(running));
    }

    protected abstract TResult ResultOf(Task ended);

    private void EndWithOutcomeOf(Task ended)
    {
        if (ended.IsCompletedSuccessfully)
            EndWith(ResultOf(ended));
        else
            EndWith(ended.IsCanceled ? new TaskCanceledException(ended) : ended.Exception!.InnerException!);
    }

    private void SetCopy(TResult result)
    {
        try
        {
            _promise.SetResult(Method.IsResultImmutable ? result : (TResult)DeepCopier.Strict.Copy(result)!);
        }
        catch (NotSupportedException exception)
        {
            _promise.SetException(exception);
        }
    }
}

/// <summary>Stands for the result of a method that has none.</summary>
internal readonly struct Nothing;

/// <summary>A call of a method that returns <see cref="Task{TResult}"/>.</summary>
internal abstract class TaskCall<TResult> : PromiseCall<TResult>
{
    internal sealed override void Invoke(object grain)
    {
        Task<TResult>? task;
        try
        {
            task = InvokeMethod(grain);
        }
        catch (Exception exception)
        {
            EndWith(exception);
            return;
        }

        if (task is { IsCompletedSuccessfully: true })
            EndWith(task.Result);
        else
            EndAfter(task ?? NullTask.Of<TResult>(Method));
    }

    internal abstract Task<TResult>? InvokeMethod(object grain);

    protected sealed override TResult ResultOf(Task ended) => ((Task<TResult>)ended).Result;
}

/// <summary>A call of a method that returns <see cref="Task"/>.</summary>
internal abstract class TaskCall : PromiseCall<Nothing>
{
    internal sealed override void Invoke(object grain)
    {
        Task? task;
        try
        {
            task = InvokeMethod(grain);
        }
        catch (Exception exception)
        {
            EndWith(exception);
            return;
        }

        if (task is { IsCompletedSuccessfully: true })
            EndWith(default(Nothing));
        else
            EndAfter(task ?? NullTask.Of<Nothing>(Method));
    }

    internal abstract Task? InvokeMethod(object grain);

    protected sealed override Nothing ResultOf(Task ended) => default;
}

/// <summary>A call of a method that returns <see cref="ValueTask{TResult}"/>.</summary>
internal abstract class ValueTaskCall<TResult> : PromiseCall<TResult>
{
    internal sealed override void Invoke(object grain)
    {
        ValueTask<TResult> task;
        try
        {
            task = InvokeMethod(grain);
        }
        catch (Exception exception)
        {
            EndWith(exception);
            return;
        }

        if (task.IsCompletedSuccessfully)
            EndWith(task.Result);
        else
            EndAfter(task.AsTask());
    }

    internal abstract ValueTask<TResult> InvokeMethod(object grain);

    protected sealed override TResult ResultOf(Task ended) => ((Task<TResult>)ended).Result;
}

/// <summary>A call of a method that returns <see cref="ValueTask"/>.</summary>
internal abstract class ValueTaskCall : PromiseCall<Nothing>
{
    internal sealed override void Invoke(object grain)
    {
        ValueTask task;
        try
        {
            task = InvokeMethod(grain);
        }
        catch (Exception exception)
        {
            EndWith(exception);
            return;
        }

        if (task.IsCompletedSuccessfully)
        {
            // A pooled source must be told that its outcome was taken.
            task.GetAwaiter().GetResult();
            EndWith(default(Nothing));
        }
        else
        {
            EndAfter(task.AsTask());
        }
    }

    internal abstract ValueTask InvokeMethod(object grain);

    protected sealed override Nothing ResultOf(Task ended) => default;
}

/// <summary>A call of a method that returns nothing; always one-way.</summary>
internal abstract class VoidCall : PromiseCall<Nothing>
{
    internal sealed override void Invoke(object grain)
    {
        try
        {
            InvokeMethod(grain);
        }
        catch (Exception exception)
        {
            EndWith(exception);
            return;
        }

        EndWith(default(Nothing));
    }

    internal abstract void InvokeMethod(object grain);

    protected sealed override Nothing ResultOf(Task ended) => default;
}

internal static class NullTask
{
    internal static Task<TResult> Of<TResult>(GrainMethod method) => Task.FromException<TResult>(
        new InvalidOperationException($"{method.Name} returned null instead of a task."));
}
