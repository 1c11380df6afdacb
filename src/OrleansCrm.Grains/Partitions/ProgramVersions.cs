using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// The newest program of each tenant in this partition. Versions only rise: two who publish at once, or one who repeats, cannot bring an
/// older program back.
/// </summary>
internal sealed class ProgramVersions
{
    private readonly Dictionary<string, (int Version, Guid MessageId)> _newest = new(StringComparer.Ordinal);

    /// <summary>Notes a publication that is to be journaled.</summary>
    /// <param name="newest">Of a refused one: the publication that the partition has or is about to have instead.</param>
    /// <returns>False when it is not newer than that.</returns>
    public bool Take(string type, Guid messageId, byte[] payload, out Guid newest)
    {
        newest = default;
        if (type != EntryTypes.ProgramPublished)
            return true;
        ProgramPublication publication;
        try
        {
            publication = ProgramPublication.Parse(payload);
        }
        catch (ProgramException)
        {
            // Whoever folds it will find it at fault.
            return true;
        }

        if (_newest.TryGetValue(publication.Tenant, out var known) && publication.Document.Version <= known.Version)
        {
            newest = known.MessageId;
            return false;
        }

        _newest[publication.Tenant] = (publication.Document.Version, messageId);
        return true;
    }
}
