using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>
/// A claim stands in the history of the id that was claimed, and when that was somebody else's, it names one person in the history of
/// another.
/// </summary>
public static class IdentityClaim
{
    /// <summary>Canonical key of who made the claim.</summary>
    /// <param name="claim">Payload of <see cref="EntryTypes.IdentityClaim"/>.</param>
    public static string ClaimantOf(string tenant, ReadOnlySpan<byte> claim) => string.Concat(tenant, "/", IdentityMessage.Read(claim).From);

    /// <summary>
    /// The claim with somebody else in the place of who made it. Of one that was refused a fold makes the same as before: it changes nothing,
    /// whoever asked.
    /// </summary>
    /// <param name="claimant">A tombstone's key.</param>
    public static byte[] Redact(ReadOnlySpan<byte> claim, CustomerKey claimant)
    {
        var message = IdentityMessage.Read(claim);
        var (at, type, room) = (message.Place, message.Type, message.Room);
        return Rendering.Object(json =>
        {
            json.WriteString("from", IdentityFold.IdOf(claimant.ToString()));
            json.WriteString("at", new AlertId(at.Partition, at.Offset, at.Index).ToString());
            if (type.Length > 0)
                json.WriteString("type", type);
            if (room >= 0)
                json.WriteNumber("room", room);
        });
    }

    /// <summary>The refusal of a claim in the name of an id that was erased, which answers nobody.</summary>
    /// <param name="partition">Of the id that was claimed.</param>
    public static byte[] RefuseErased(OutgoingEntry claim, int partition) => Rendering.Object(json =>
    {
        json.WriteString("from", IdentityFold.IdOf(claim.Customer));
        json.WriteString("at", new AlertId(partition, long.MaxValue, 0).ToString()); // the last that can ever come from there
        json.WriteString("reason", LinkCodes.Erased);
    });
}
