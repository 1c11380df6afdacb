using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Decisions;

/// <summary>What was decided, out of the journal; and whether the journal, folded once more up to where the state stood, gives the same.</summary>
internal sealed class PastDecisions(IGrainFactory grains, IJournal journal, CustomerReplay replay)
{
    public Task AnswerAsync(HttpContext context, string id) => Unavailable.GuardAsync(context, () => TellAsync(context, id));

    private async Task TellAsync(HttpContext context, string id)
    {
        if (!DecisionId.TryParse(id, out var decision) || decision.Partition >= journal.Identity.Partitions)
        {
            await WriteNotFoundAsync(context);
            return;
        }

        var found = await grains.GetGrain<IPartitionGrain>(decision.Partition).FindDecisionAsync(id, context.User.Tenant() + "/");
        if (found is not { Status: LookupStatus.Found, Entry: { } entry })
        {
            if (found.Status == LookupStatus.NotFound)
                await WriteNotFoundAsync(context);
            else
                await Problems.WriteUnavailableAsync(context);
            return;
        }

        if (context.User.HasCustomerScope(CustomerScopes.Decisions) && entry.Customer != context.User.Customer())
        {
            await WriteNotFoundAsync(context);
            return;
        }

        if (!await replay.TryBeginAsync(context))
            return;
        try
        {
            var note = DecisionNote.Read(entry.Payload);
            var recomputed = await RecomputeAsync(entry, note, decision, context.RequestAborted);
            context.Response.Headers.CacheControl = "private, no-store";
            await JsonBodies.WriteRawAsync(context, 200, Render(id, entry, note, recomputed));
        }
        finally
        {
            replay.End();
        }
    }

    private async Task<string> RecomputeAsync(Entry entry, DecisionNote note, DecisionId id, CancellationToken cancellation)
    {
        var folded = await replay.FoldAsync(CustomerKey.Parse(entry.Customer), long.MaxValue, cancellation, until: note.StateOffset);
        return folded.Customer is not { } customer ? "unavailable"
            : note.Recompute(customer.State, customer.Program, id).AsSpan().SequenceEqual(note.Answer) ? "same"
            : "different";
    }

    private static ReadOnlyMemory<byte> Render(string id, Entry entry, DecisionNote note, string recomputed) =>
        JsonScratch.Render((id, entry, note, recomputed), static (json, told) =>
        {
            json.WriteString("decisionId", told.id);
            json.WriteString("customerId", CustomerKey.Parse(told.entry.Customer).Id);
            json.WriteString("entry", told.entry.PublicId);
            json.WriteString("recomputed", told.recomputed);
            json.WritePropertyName("decision");
            json.WriteRawValue(told.note.Answer, skipInputValidation: true);
        }).ToArray();

    private static Task WriteNotFoundAsync(HttpContext context) =>
        Problems.WriteAsync(context, 404, "decision_not_found", "There is no such decision.");
}
