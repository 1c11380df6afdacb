namespace OrleansCrm.Journal.Sqlite;

/// <summary>Something that waits to be written in the next transaction.</summary>
internal abstract class Write
{
    /// <summary>Roughly how much it adds to the transaction.</summary>
    public virtual int Bytes => 0;

    /// <summary>Nobody is waiting to be answered: writes that came later may go first.</summary>
    public virtual bool GivesWay => false;

    /// <summary>
    /// Writes within the transaction. May run again, in another transaction, when a neighbour's mistake undid the first. Fencing is
    /// checked before anything is changed.
    /// </summary>
    public abstract void Apply(SqliteSession session);

    /// <summary>The transaction is durable.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <summary>A write that answers with a value, known once the transaction is durable.</summary>
internal class Write<T>(Func<SqliteSession, T> apply, int bytes = 0, bool givesWay = false) : Write
{
    // Answers run elsewhere: the thread that writes goes on with the next transaction.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FencedException? _fenced;
    private T? _value;

    public override int Bytes => bytes;

    public override bool GivesWay => givesWay;

    public Task<T> Answer => _answer.Task;

    public override void Apply(SqliteSession session)
    {
        try
        {
            _fenced = null;
            _value = apply(session);
        }
        catch (FencedException fenced)
        {
            // It has changed nothing, so the others in the transaction go on.
            _fenced = fenced;
        }
    }

    public override void Complete()
    {
        if (_fenced is null)
            _answer.TrySetResult(_value!);
        else
            _answer.TrySetException(_fenced);
    }

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
