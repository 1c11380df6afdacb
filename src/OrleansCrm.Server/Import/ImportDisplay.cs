using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansCrm.Server.Import;

/// <summary>Shows how an import goes: bars that move on a terminal, a plain line every few seconds elsewhere.</summary>
internal sealed class ImportDisplay(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan BarRefresh = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    private bool IsLive => console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive;

    /// <summary>Past the console's own layout, which would break a long line in two.</summary>
    public void Line(string text) => console.Profile.Out.Writer.WriteLine(text);

    /// <summary>Shows how far <paramref name="done"/> has come on the way to <paramref name="total"/> until the work ends.</summary>
    public async Task SendingAsync(long total, Func<long> done, Task work)
    {
        if (!IsLive)
        {
            await WatchAsync(work, LineEvery, elapsed => Line(Progress(done(), total, elapsed)));
            return;
        }

        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("events", maxValue: Math.Max(total, 1));
                await WatchAsync(work, BarRefresh, _ => bar.Value = done());
                bar.Value = done();
            });
    }

    /// <summary>Shows what <paramref name="status"/> says until the work ends.</summary>
    public async Task WaitingAsync(Func<string> status, Task work)
    {
        if (!IsLive)
        {
            await WatchAsync(work, LineEvery, _ => Line(status()));
            return;
        }

        await console.Status().StartAsync(status(), context =>
            WatchAsync(work, BarRefresh, _ => context.Status(Markup.Escape(status()))));
    }

    private async Task WatchAsync(Task work, TimeSpan every, Action<TimeSpan> look)
    {
        var started = time.GetTimestamp();
        while (await Task.WhenAny(work, Task.Delay(every, time)) != work)
            look(time.GetElapsedTime(started));
        await work;
    }

    private static string Progress(long done, long total, TimeSpan elapsed)
    {
        var rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        var left = rate > 0 ? $"{(total - done) / rate:0} s left" : "time left unknown";
        return $"{done:#,0} of {total:#,0} events, {rate:#,0}/s, {left}";
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{task.Speed ?? 0:#,0}/s");
    }
}
