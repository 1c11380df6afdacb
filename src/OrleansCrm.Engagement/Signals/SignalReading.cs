namespace OrleansCrm.Engagement.Signals;

/// <summary>What a signal says at an instant: a function of the facts, the policy and the clock.</summary>
/// <param name="Holds">Whether there is something to tell.</param>
/// <param name="SinceMs">Since when it holds.</param>
/// <param name="CauseMs">What an agent has dealt with who resolves it: a later cause is another one.</param>
/// <param name="NextMs">When time alone changes the answer next, in whole seconds; 0 for never.</param>
/// <param name="Count">How many refunds, failed payments, open tickets; which tier.</param>
/// <param name="Amount">What it comes to, in the signal's own unit.</param>
/// <param name="Before">What it was before; where there is something to compare with.</param>
/// <param name="Word">Currency, kind of survey or name of the tier; empty where the signal has none.</param>
internal readonly record struct SignalReading(
    bool Holds, long SinceMs, long CauseMs, long NextMs, int Count = 0, double Amount = 0, double Before = 0, string Word = "")
{
    public static SignalReading Not(long nextMs = 0) => new(false, 0, 0, nextMs, Word: "");
}
