namespace OrleansCrm.Breaking.Tests.Dangers;

/// <summary>Somebody starts a second server on the same database: it is refused and told who has it, and the first does not notice.</summary>
internal sealed class SecondServer : Danger
{
    public override string Name => "second server refused";

    public override async Task StrikeAsync(Scene scene)
    {
        await using var second = scene.Stage.BeginServer();
        var code = await second.WhenEndedAsync();
        if (code != 1 || !second.Errors.Contains("is held by", StringComparison.Ordinal))
            scene.Tally.Mismatch($"a second server ended with {code}: {second.Errors}");
        await scene.Clients.UntilAcknowledgedAsync("the first server goes on");
    }
}
