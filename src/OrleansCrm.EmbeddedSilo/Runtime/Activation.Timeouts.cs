namespace OrleansCrm.EmbeddedSilo;

internal sealed partial class Activation
{
    private static readonly Action<Activation> ExpireOverdueAction = static activation => activation.ExpireOverdue();

    /// <summary>Has the callers answered that wait too long. The methods themselves go on; those that had not begun never do.</summary>
    internal void PostExpiry() => Post(new ActionItem(ExpireOverdueAction));

    /// <summary>The same from another thread, for calls that a blocked turn keeps from being looked at.</summary>
    /// <param name="starting">The call that is in its first turn.</param>
    internal void ExpireUnreached(Call? starting, long now)
    {
        Silo.Timeouts.Expire(starting, now);
        for (var item = Volatile.Read(ref _batch); item is not null; item = item.Next)
            Silo.Timeouts.Expire(item as Call, now);
        for (var item = Volatile.Read(ref _inbox); item is not null; item = item.Next)
            Silo.Timeouts.Expire(item as Call, now);
    }

    private void ExpireOverdue()
    {
        var now = Environment.TickCount64;
        for (var call = _suspendedFirst; call is not null; call = (Call?)call.Next)
            Silo.Timeouts.Expire(call, now);

        Call? before = null;
        for (var call = _waitingFirst; call is not null;)
        {
            var after = (Call?)call.Next;
            Silo.Timeouts.Expire(call, now);
            if (call.IsMoot)
                Dequeue(call, before);
            else
                before = call;
            call = after;
        }

        // Watched again, after this item, if there is still something to watch.
        _isWatched = false;
    }
}
