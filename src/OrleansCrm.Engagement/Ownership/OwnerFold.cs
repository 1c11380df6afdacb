using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Ownership;

/// <summary>
/// Keeps the agent whom a customer belongs to: whom a command has named, else whom the trait names, else by the program's rules. Follows from
/// the facts alone.
/// </summary>
internal static class OwnerFold
{
    private const int ScratchBytes = 512;

    /// <summary>Unfinished alerts say who the owner is, so they are told anew.</summary>
    public static void Settle(CustomerState state, ref FoldStep step)
    {
        var owner = Of(state, step.Program);
        if (owner == state.Owner)
            return;
        state.Owner = owner;
        step.Note(owner.Length == 0 ? "owner none" : "owner " + owner);
        foreach (var alert in state.Alerts ?? [])
        {
            if (!alert.IsFinished)
                step.Send(state, alert);
        }
    }

    /// <summary>Whether <see cref="Settle"/> would have nothing to do.</summary>
    public static bool IsSettled(CustomerState state, ProgramDocument program) => Of(state, program) == state.Owner;

    /// <summary>An administrator's or a supervisor's word on it; without an owner in it, trait and rules decide again.</summary>
    public static void Judge(CustomerState state, ref FoldStep step)
    {
        state.GivenOwner = Read(step.Entry.Payload);
        Settle(state, ref step);

        // Policies may ask whose customer it is.
        step.FactsChanged = true;
        var owner = state.Owner;
        step.Answer("", "", Rendering.Object(json =>
        {
            json.WriteString("id", state.Id);
            if (owner.Length == 0)
                json.WriteNull("owner");
            else
                json.WriteString("owner", owner);
        }));
    }

    private static string Of(CustomerState state, ProgramDocument program)
    {
        if (state.LinkedTo.Length > 0)
            return "";
        if (state.GivenOwner.Length > 0)
            return state.GivenOwner;
        if (program.Owners.Trait.Length > 0 && Traits.ServerText(state, program.Owners.Trait) is { } named && OwnerRules.IsAddress(named))
            return named;
        foreach (var rule in program.Owners.Rules)
        {
            if (state.IsIn(rule.Segment))
                return Share(state.Key, rule.Agents);
        }

        return "";
    }

    /// <summary>By the greatest hash, so that an agent who comes or goes moves no more customers than have to move.</summary>
    private static string Share(string customer, IReadOnlyList<string> agents)
    {
        Span<byte> scratch = stackalloc byte[ScratchBytes];
        var (best, greatest) = (agents[0], 0UL);
        foreach (var agent in agents)
        {
            var hash = StableHash.Start(scratch).Add(customer).Add(agent).Finish64();
            if (hash >= greatest)
                (best, greatest) = (agent, hash);
        }

        return best;
    }

    private static string Read(byte[] payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        return parsed.RootElement.TryGetProperty("owner", out var owner) && owner.ValueKind == JsonValueKind.String ? owner.GetString()! : "";
    }
}
