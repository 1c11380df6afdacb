using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Server.Verification;

/// <summary>Hears of a partition's customers while they are folded, in the order of their entries.</summary>
internal interface IFoldWatch
{
    /// <summary>There is an entry of a customer's own, whatever is done with it.</summary>
    void Met(Entry entry);

    /// <summary>The customer stands right behind this entry of its own.</summary>
    void Folded(FoldedCustomer customer, Entry entry);
}
