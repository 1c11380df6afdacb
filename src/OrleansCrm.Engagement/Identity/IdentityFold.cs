using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>
/// Two ids of one person. Two customers live in two partitions, so neither can change the other, and a lock over both would wait for
/// whatever either waits for. Instead they write to each other: a user that an event names together with an anonymous id claims that id
/// (<c>identity.claim</c>); the id is given once, to the first who claims it, by handing over everything it knows
/// (<c>identity.handover</c>), and refused to whoever comes later (<c>identity.refused</c>). From then on it is an empty shell that
/// passes on what still comes for it (<c>identity.forwarded</c>).
/// </summary>
/// <remarks>
/// <para>Only anonymous ids give themselves up to an event and only users claim, so there are no chains and no cycles. An administrator can
/// merge a user into another one: the survivor claims, and nobody gives himself up while a claim of his own is open, so of two who claim
/// each other neither gets the other. The survivor tells the ids that came with the user whose they are now (<c>identity.moved</c>); what
/// they send meanwhile the shell passes on.</para>
/// <para>Each message carries the place of the outcome that it is, and the receiver takes each place once, in rising order.</para>
/// </remarks>
internal static class IdentityFold
{
    private const string UserPrefix = "user:";
    private const string AnonymousPrefix = "anonymous:";

    /// <summary>The id with its kind.</summary>
    public static string IdOf(string key) => key[(key.IndexOf('/') + 1)..];

    /// <summary>Claims the other ids that an event of this customer names, those that it has not claimed before.</summary>
    public static void Bind(CustomerState state, in StorefrontEvent read, ref FoldStep step)
    {
        if (!IsUser(state))
            return;
        Bind(state, read.AnonymousId, ref step);
        Bind(state, read.PreviousId, ref step);
    }

    /// <summary>This id was claimed: it is given away, or it is somebody's already.</summary>
    public static void JudgeClaim(CustomerState state, ref FoldStep step)
    {
        var claim = IdentityMessage.Read(step.Entry.Payload);
        var by = KeyOf(state, claim.From);
        if (state.LinkedTo == by)
            return;
        var isMerge = claim.Type == IdentityMessage.Merge;
        var refusal = state.LinkedTo.Length > 0 || (IsUser(state) && !isMerge) ? LinkCodes.AlreadyLinked
            : state.Links?.Exists(l => l.Status == LinkStatus.Pending) == true ? LinkCodes.Busy
            : isMerge && state.Links?.Count > claim.Room ? LinkCodes.TooManyIdentities
            : "";
        if (refusal.Length > 0)
        {
            step.Send(by, EntryTypes.IdentityRefused, IdentityMessage.Write(state, step, reason: refusal));
            return;
        }

        Handover.Give(state, by, ref step);
        step.Note("moved to " + claim.From);
    }

    /// <summary>An administrator says that another customer is the same person, and that this one survives.</summary>
    public static void JudgeMerge(CustomerState state, ref FoldStep step)
    {
        var other = IdentityMessage.Read(step.Entry.Payload).Of;
        var link = Find(state, other);
        var refusal = state.LinkedTo.Length > 0 ? LinkCodes.AlreadyLinked
            : other == IdOf(state.Key) ? LinkCodes.SameCustomer
            : link is null && state.Links?.Count >= Bounds.IdentitiesMax ? LinkCodes.TooManyIdentities
            : "";
        if (refusal.Length > 0 || link?.Status == LinkStatus.Linked)
        {
            step.Answer(refusal, other, []);
            return;
        }

        if (link?.Status != LinkStatus.Pending)
        {
            if (link is null)
                (state.Links ??= new List<LinkedIdentity>(1)).Add(link = new LinkedIdentity(other));
            link.Status = LinkStatus.Pending;
            var room = Bounds.IdentitiesMax - state.Links!.Count;
            step.Send(KeyOf(state, other), EntryTypes.IdentityClaim, IdentityMessage.Write(state, step, type: IdentityMessage.Merge, room: room));
        }

        step.Answer(LinkCodes.Linking, other, []);
    }

    /// <summary>The customer whose this id was has been merged into another one, who says so.</summary>
    public static void TakeMove(CustomerState state, ref FoldStep step)
    {
        var message = IdentityMessage.Read(step.Entry.Payload);
        if (state.LinkedTo != KeyOf(state, message.Of))
            return;
        state.LinkedTo = KeyOf(state, message.From);
        step.Note("moved to " + message.From);
    }

    /// <summary>Passes an event on that came for an id that was given away.</summary>
    public static void Forward(CustomerState state, ref FoldStep step)
    {
        if (step.Entry.Type == EntryTypes.IdentityForwarded)
        {
            // It came for another id of this one's: only its own place counts from here.
            var message = IdentityMessage.Read(step.Entry.Payload);
            step.Entry = step.Entry with { Type = message.Type, Payload = message.Body.ToArray() };
        }

        var payload = IdentityMessage.Write(state, step, type: step.Entry.Type, body: step.Entry.Payload);
        step.Send(state.LinkedTo, EntryTypes.IdentityForwarded, payload);
        step.Answer(LinkCodes.Forwarding, "", []);
    }

    /// <summary>The other id has given itself up to this customer.</summary>
    public static void TakeHandover(CustomerState state, ref FoldStep step)
    {
        var message = IdentityMessage.Read(step.Entry.Payload);
        if (Find(state, message.From) is not { Status: LinkStatus.Pending } link || !link.TryAdvance(message.Place))
            return;
        link.Status = LinkStatus.Linked;
        var given = SnapshotCodec.Decode(message.Body);
        link.Points = Handover.Take(state, given, message.Place.Partition, ref step);
        foreach (var other in given.Links ?? [])
            TakeLink(state, other, link.Id, ref step);
        step.Note("linked " + link.Id);
        step.Answer(LinkCodes.Linked, link.Id, []);
    }

    public static void TakeRefusal(CustomerState state, ref FoldStep step)
    {
        var message = IdentityMessage.Read(step.Entry.Payload);
        if (Find(state, message.From) is not { } link || !link.TryAdvance(message.Place))
            return;
        if (link.Status != LinkStatus.Pending)
        {
            // It has come meanwhile, with a customer who was merged into this one.
            step.Answer(LinkCodes.Linked, link.Id, []);
            return;
        }

        link.Status = LinkStatus.Refused;
        step.Note("not linked " + link.Id + ": " + message.Reason);
        step.Answer(message.Reason, link.Id, []);
    }

    private static void TakeLink(CustomerState state, LinkedIdentity other, string formerOwner, ref FoldStep step)
    {
        var known = Find(state, other.Id);
        if (other.Status != LinkStatus.Linked)
        {
            if (known is null && other.Id != IdOf(state.Key))
                state.Links!.Add(other);
            return;
        }

        if (known is not null)
            state.Links!.Remove(known);
        state.Links!.Add(other);
        step.Send(KeyOf(state, other.Id), EntryTypes.IdentityMoved, IdentityMessage.Write(state, step, of: formerOwner));
    }

    /// <summary>Makes the step one of the event that was forwarded; false when there is nothing to apply.</summary>
    public static bool TryUnwrap(CustomerState state, ref FoldStep step)
    {
        var message = IdentityMessage.Read(step.Entry.Payload);
        if (Find(state, message.From) is not { } link || !link.TryAdvance(message.Place))
            return false;
        step.Entry = step.Entry with { Type = message.Type, Payload = message.Body.ToArray() };
        return true;
    }

    /// <summary>Claims a referral code, which no event can.</summary>
    public static void BindCode(CustomerState state, string id, ref FoldStep step)
    {
        var other = AnonymousPrefix + id;
        if (!IsUser(state) || Find(state, other) is not null || state.Links?.Count >= Bounds.IdentitiesMax)
            return;
        (state.Links ??= new List<LinkedIdentity>(1)).Add(new LinkedIdentity(other) { Status = LinkStatus.Pending });
        step.Send(KeyOf(state, other), EntryTypes.IdentityClaim, IdentityMessage.Write(state, step));
    }

    private static void Bind(CustomerState state, ReadOnlySpan<byte> id, ref FoldStep step)
    {
        if (id.IsEmpty || IsKnown(state, id) || id.StartsWith("referral/"u8))
            return;
        if (!CustomerKey.TryCreate(state.Tenant, CustomerKind.Anonymous, Encoding.UTF8.GetString(id), out var key, out _))
            return;
        var other = AnonymousPrefix + key.Id;
        if (Find(state, other) is not null)
            return;

        // Whoever holds a browser's key can make ids up: the rest of the room stays for those that a server names.
        var max = EntryTypes.IsFromBrowser(step.Entry.Type) ? Bounds.IdentitiesMax / 2 : Bounds.IdentitiesMax;
        if (state.Links?.Count >= max)
        {
            step.Note("not linked: this customer has " + max + " other ids");
            return;
        }

        (state.Links ??= new List<LinkedIdentity>(1)).Add(new LinkedIdentity(other) { Status = LinkStatus.Pending });
        step.Send(key.ToString(), EntryTypes.IdentityClaim, IdentityMessage.Write(state, step));
        step.Answer(LinkCodes.Linking, other, []);
    }

    /// <summary>Nearly every event of a signed-in visitor names the id of the browser again: found without making a text of it.</summary>
    private static bool IsKnown(CustomerState state, ReadOnlySpan<byte> id)
    {
        if (state.Links is null || id.Length > CustomerKey.IdBytesMax)
            return false;
        Span<char> text = stackalloc char[CustomerKey.IdBytesMax];
        var length = Encoding.UTF8.GetChars(id, text);
        foreach (var link in state.Links)
        {
            if (link.Id.StartsWith(AnonymousPrefix, StringComparison.Ordinal) && text[..length].SequenceEqual(link.Id.AsSpan(AnonymousPrefix.Length)))
                return true;
        }

        return false;
    }

    private static LinkedIdentity? Find(CustomerState state, string id) => state.Links?.Find(l => l.Id == id);

    public static bool IsUser(CustomerState state) => IdOf(state.Key).StartsWith(UserPrefix, StringComparison.Ordinal);

    private static string KeyOf(CustomerState state, string id) => string.Concat(state.Tenant, "/", id);
}
