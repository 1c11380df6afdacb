namespace OrleansCrm.Breaking.Tests;

/// <summary>Waiting for what has to come about, long enough for a machine with other work.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <exception cref="TimeoutException">It did not come about.</exception>
    public static Task UntilAsync(string what, Func<bool> isSo) => UntilAsync(what, () => Task.FromResult(isSo()));

    /// <inheritdoc cref="UntilAsync(string, Func{bool})"/>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        if (!await TryUntilAsync(isSo))
            throw new TimeoutException($"It did not come about that {what}.");
    }

    public static async Task<bool> TryUntilAsync(Func<Task<bool>> isSo)
    {
        var deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!await isSo())
        {
            if (Environment.TickCount64 > deadline)
                return false;
            await Task.Delay(Look);
        }

        return true;
    }
}
