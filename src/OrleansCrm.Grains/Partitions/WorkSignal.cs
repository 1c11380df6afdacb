namespace OrleansCrm.Grains.Partitions;

/// <summary>Wakes the one loop that waits. Not for several threads: everything here runs on one activation's scheduler.</summary>
internal sealed class WorkSignal
{
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    public void Signal()
    {
        _isSet = true;
        _waiter?.TrySetResult();
    }

    public async Task WaitAsync()
    {
        if (!_isSet)
        {
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _waiter.Task;
            _waiter = null;
        }

        _isSet = false;
    }
}
