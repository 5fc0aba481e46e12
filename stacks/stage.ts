/** Whether this is the stage that people rely on: what costs while idle is switched on there only. */
export const production = () => $app.stage === "production";
