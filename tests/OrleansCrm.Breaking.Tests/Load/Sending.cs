namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>A request under way.</summary>
internal sealed class Sending(Batch batch)
{
    private readonly TaskCompletionSource<Outcome> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Batch Batch => batch;

    public Task<Outcome> Over => _over.Task;

    public void End(Outcome outcome) => _over.SetResult(outcome);
}
