namespace OrleansCrm.Engagement.Churn;

/// <summary>What the purchase models look at.</summary>
/// <param name="Repeats">x: distinct purchase days after the first, 0 and up.</param>
/// <param name="AgeAtLast">t_x: from the first purchase to the last; 0 when there is no repeat.</param>
public readonly record struct PurchaseHistory(int Repeats, Weeks AgeAtLast);
