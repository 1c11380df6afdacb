using System.Reflection;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>One call of a method: the node in the mailbox, the arguments (in a class emitted per method) and the answer.</summary>
internal abstract class Call : WorkItem
{
    /// <summary>A call that met this many ended activations is refused, as Orleans does by default.</summary>
    internal const int ForwardsMax = 2;

    /// <summary>Links of the list of running calls; <see cref="WorkItem.Next"/> is the other direction.</summary>
    internal Call? Previous;

    internal bool IsListed;

    private int _answered;
    private bool _runsUnanswered;
    private object? _cancellation;

    internal GrainReference Reference { get; set; } = null!;

    internal ICallTarget Target { get; set; } = null!;

    /// <summary>When the caller stops waiting, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    internal long Deadline { get; set; } = long.MaxValue;

    internal int Forwards { get; set; }

    internal abstract GrainMethod Method { get; }

    /// <summary>The token among the arguments; overridden by the classes of methods that have one.</summary>
    internal virtual CancellationToken Cancellation => CancellationToken.None;

    /// <summary>Whether it is for this very activation and not to be forwarded to another one: a timer's tick.</summary>
    internal virtual bool IsLocal => false;

    /// <summary>Whether it keeps the activation from being collected.</summary>
    internal virtual bool CountsAsUse => true;

    /// <summary>Whether the caller has its answer: the result, a failure, a timeout or its own cancellation.</summary>
    internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

    /// <summary>Whether there is no point in starting it: nobody waits any more.</summary>
    internal bool IsMoot => IsAnswered && !_runsUnanswered;

    internal sealed override void Run(Activation activation) => activation.Accept(this);

    /// <summary>Runs the method up to its first await, on the activation's scheduler.</summary>
    internal abstract void Invoke(object grain);

    /// <summary>Answers with a failure, unless there is an answer already.</summary>
    internal void Refuse(Exception exception)
    {
        if (TryAnswer())
            SetException(exception);
    }

    /// <summary>Lets it run although its caller is told otherwise.</summary>
    internal void LoseAnswer(Exception exception)
    {
        _runsUnanswered = true;
        Refuse(exception);
    }

    internal void ObserveCancellation(CancellationToken token)
    {
        _cancellation = token.UnsafeRegister(
            static (state, token) => ((Call)state!).Refuse(new OperationCanceledException(token)), this);
        if (IsAnswered)
            ForgetCancellation();
    }

    /// <summary>The deep copies that crossing a process would make.</summary>
    internal void CopyArguments()
    {
        var fields = GetType().GetFields(BindingFlags.Public | BindingFlags.Instance);
        for (var i = 0; i < fields.Length; i++)
        {
            if (!Method.IsImmutable[i])
                fields[i].SetValue(this, DeepCopier.Strict.Copy(fields[i].GetValue(this)));
        }
    }

    /// <summary>The method has ended with this failure.</summary>
    protected void EndWith(Exception failure)
    {
        var target = Target;
        target.Ended(this, failure);
        Refuse(failure);
        target.Continue();
    }

    protected bool TryAnswer()
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return false;
        if (_cancellation is not null)
            ForgetCancellation();
        return true;
    }

    protected abstract void SetException(Exception exception);

    private void ForgetCancellation() => ((CancellationTokenRegistration?)_cancellation)?.Unregister();
}
