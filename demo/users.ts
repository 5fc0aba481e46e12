/** Who may sign in on a local cloud. The passwords are public, so these users exist nowhere else. */
export const users = [
  { name: "Owner", email: "owner@tenfold.example", password: "Owner-of-links-1", groups: [] },
  { name: "Colleague", email: "colleague@tenfold.example", password: "Colleague-reads-2", groups: [] },
  { name: "Moderator", email: "moderator@tenfold.example", password: "Moderator-acts-3", groups: ["admins"] },
] as const;
