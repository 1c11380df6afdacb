namespace OrleansCrm.EmbeddedSilo;

/// <summary>Delays calls, loses them or their answers, and lets activations vanish or double, by a seed.</summary>
internal sealed class FaultInjection(Silo silo, FaultOptions options)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(options.Seed);

    internal void Deliver(Call call)
    {
        var reference = call.Reference;
        if (reference.Class is not { } grainClass || options.Spared.Contains(grainClass.Name))
        {
            reference.Deliver(call);
            return;
        }

        if (Draw(options.Crash))
            grainClass.Find(reference.Text, reference.Number)?.Crash();
        if (Draw(options.Double))
            grainClass.Find(reference.Text, reference.Number)?.Stray();

        if (Draw(options.LostCall))
        {
            call.Refuse(silo.Timeouts.TimeoutOf(call));
            return;
        }

        if (Draw(options.LostAnswer))
            call.LoseAnswer(silo.Timeouts.TimeoutOf(call));

        if (Draw(options.Delay))
            _ = DeliverLateAsync(call, Fraction() * options.DelayMax);
        else
            reference.Deliver(call);
    }

    private static async Task DeliverLateAsync(Call call, TimeSpan delay)
    {
        await Task.Delay(delay).ConfigureAwait(false);
        call.Reference.Deliver(call);
    }

    private bool Draw(double probability) => probability > 0 && Fraction() < probability;

    private double Fraction()
    {
        lock (_lock)
            return _random.NextDouble();
    }
}
